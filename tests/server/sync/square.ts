import type { NewAnnotation } from "#core/schema/annotation.ts";

/** A plain region of 100 × 50 px: a mark for tests to which its shape does not matter. */
export const square: NewAnnotation = {
  ...{
    kind: "region",
    classId: null,
    name: "",
    attributes: {},
    parameters: {},
    frames: "all",
    drawnOn: null,
  },
  ...{ objectId: null, interfaceId: null, body: null, drawnAt: null },
  origin: [{ by: "drawn", tool: "region", version: "1" }],
  rings: [
    {
      ...{ closed: true, hole: false },
      points: [
        [0, 0],
        [100, 0],
        [100, 50],
        [0, 50],
      ],
    },
  ],
};
