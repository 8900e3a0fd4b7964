import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { answerCase, type VectorCase } from "#server/commands/answer.ts";
import { type Tolerance, toleranceFailures } from "./vector-tolerance.ts";

const folder = join(import.meta.dirname, "../../../../shared/vectors");

interface ExpectedCase extends VectorCase {
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: Readonly<Record<string, Tolerance>>;
  readonly why: string;
}

// Files whose quantities are all measured by the core. Vectors are independent of this code and are not committed here.
const files = [
  "shapes",
  "gap-polylines",
  "profile-statistics",
  "ci-coverage",
  "gap-image",
  "gap-profile-ensemble",
  "snap",
  "wire",
  "damage",
];

for (const file of files) {
  const path = join(folder, `${file}.json`);
  describe.skipIf(!existsSync(path))(`vectors: ${file}`, () => {
    const cases: ExpectedCase[] = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).cases : [];
    it.each(cases.map((c) => [`${c.id} ${c.quantity}`, c] as const))("%s", (_, vector) => {
      const answer = answerCase(vector);
      expect(toleranceFailures(answer, vector.expected, vector.tolerance), vector.why).toEqual([]);
    });
  });
}
