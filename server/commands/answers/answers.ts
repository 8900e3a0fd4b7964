import { damageAnswers } from "./damage.ts";
import { gapAnswers } from "./gaps.ts";
import { imageGapAnswers } from "./image-gaps.ts";
import { intervalAnswers } from "./intervals.ts";
import { shapeAnswers } from "./shapes.ts";
import { snapAnswers } from "./snapping.ts";
import type { Answer } from "./vector-inputs.ts";
import { wireAnswers } from "./wires.ts";

/** Every quantity that can be answered, by its name in vector files. */
export const answers: Readonly<Record<string, Answer>> = {
  ...shapeAnswers,
  ...gapAnswers,
  ...intervalAnswers,
  ...imageGapAnswers,
  ...snapAnswers,
  ...wireAnswers,
  ...damageAnswers,
};
