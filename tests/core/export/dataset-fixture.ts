import type { Dataset, DatasetMicrograph } from "#core/export/dataset.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { plainMark } from "#tests/core/schema/plain-mark.ts";

/** A mark with everything that has a default filled in. */
export function mark(
  id: string,
  kind: Annotation["kind"],
  rings: readonly { closed: boolean; hole?: boolean; points: readonly (readonly [number, number])[] }[],
  more: Partial<Annotation> = {},
): Annotation {
  let vertexId = 0;
  const outline = {
    rings: rings.map(({ closed, hole = false, points }) => ({
      closed,
      hole,
      vertices: points.map(([x, y]) => ({ id: vertexId++, x, y })),
    })),
  };
  return plainMark({ id, kind, origin: [{ by: "drawn", tool: "polygon", version: "1" }], ...more, outline });
}

/** A dataset of one 40 × 30 micrograph with a region, a region with a hole, a line, a trace, a text and a broken record. */
export function dataset(more: Partial<DatasetMicrograph> = {}): Dataset {
  const micrograph: DatasetMicrograph = {
    id: "micrograph01",
    name: "wire 3 / désodié, 15 min.dm4",
    width: 40,
    height: 30,
    frames: 1,
    sha256: "a".repeat(64),
    calibration: { state: "uncalibrated", reason: "The file says nothing." },
    flags: { lossy: false, depthReduced: true, screenshot: false },
    state: "desodiated",
    seriesId: null,
    window: { low: 100, high: 900 },
    annotations: [
      mark(
        "plain",
        "region",
        [
          {
            closed: true,
            points: [
              [1, 1],
              [7, 1],
              [7, 7],
              [1, 7],
            ],
          },
        ],
        { classId: "class-del" },
      ),
      mark(
        "donut",
        "region",
        [
          {
            closed: true,
            points: [
              [10, 10],
              [20, 10],
              [20, 20],
              [10, 20],
            ],
          },
          {
            closed: true,
            hole: true,
            points: [
              [12, 12],
              [15, 12],
              [15, 15],
              [12, 15],
            ],
          },
        ],
        { classId: "class-dam" },
      ),
      mark("line", "measurement-line", [
        {
          closed: false,
          points: [
            [2, 25],
            [32, 25],
          ],
        },
      ]),
      mark(
        "trace",
        "interface-trace",
        [
          {
            closed: false,
            points: [
              [0, 5],
              [31, 5],
            ],
          },
        ],
        { body: "film", interfaceId: "upper" },
      ),
      mark("text", "text", [{ closed: false, points: [[5, 5]] }]),
    ],
    authors: { plain: "Ada", donut: "=HYPERLINK(1)", line: "Grace (guest of Ada)" },
    measurements: [],
    invalid: [{ id: "broken", reason: "unknown kind" }],
    ...more,
  };
  return {
    projectName: "Sb on TiN",
    classes: [
      {
        id: "class-del",
        name: "delamination",
        colour: "#e69f00",
        pattern: "solid",
        role: "delamination",
        key: "1",
        attributes: [],
      },
      {
        id: "class-dam",
        name: "beam damage",
        colour: "#cc79a7",
        pattern: "dashed",
        role: "damage",
        key: "2",
        attributes: [],
      },
    ],
    objects: [{ id: "wire", name: "wire 1" }],
    interfaces: [{ id: "upper", name: "upper Sb|TiN", objectId: "wire", substrate: "TiN", film: "Sb" }],
    micrographs: [micrograph],
    exportedAt: "2026-01-02T03:04:05.000Z",
    version: "0.1.0",
  };
}
