import { describe, expect, it } from "vitest";
import { imageJRois } from "#core/formats/imagej-rois.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import type { RecordedMark } from "#core/formats/recorded-mark.ts";
import { type DmAnnotation, writeDm } from "#scripts/fixtures/dm-writer.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { nodeCodecs } from "#server/ingest/codecs.ts";

const limits = { maxPixelsPerFrame: 1e6, maxImages: 10 };
const [width, height] = [64, 40];
const data = Uint16Array.from({ length: width * height }, (_, i) => i);

async function marksOf(bytes: Uint8Array, fileName: string): Promise<readonly RecordedMark[]> {
  const file = await openFile(memoryByteSource(bytes), {
    fileName,
    codecs: nodeCodecs,
    sidecars: [],
    limits,
  });
  return file.images.flatMap(({ recordedMarks }) => recordedMarks ?? []);
}

const brief = ({ kind, closed, points, label, frame }: RecordedMark) => ({
  kind,
  closed,
  points,
  label,
  frame,
});

describe("DigitalMicrograph's annotations", () => {
  const withAnnotations = (annotations: readonly DmAnnotation[], version: 3 | 4 = 4) =>
    marksOf(
      writeDm(
        version,
        [{ name: "a", dimensions: [width, height], dataType: 10, data, calibrations: [] }],
        annotations,
      ),
      `a.dm${version}`,
    );

  it.each([3, 4] as const)(
    "lines, arrows, boxes, texts, points of DM%i; x from left and right, y from top and bottom",
    async (version) => {
      const marks = await withAnnotations(
        [
          { type: 2, rectangle: [5, 10, 30, 50], label: "gap 1" },
          { type: 3, rectangle: [1, 2, 3, 4] },
          { type: 5, rectangle: [8, 16, 24, 48] },
          { type: 13, rectangle: [4, 6, 10, 30], text: "Sb shell" },
          { type: 27, rectangle: [2, 8, 2, 8], label: "Beam" },
        ],
        version,
      );
      expect(marks.map(brief)).toEqual([
        {
          ...{ kind: "measurement-line", closed: false, label: "gap 1", frame: "all" },
          points: [
            [10, 5],
            [50, 30],
          ],
        },
        expect.objectContaining({
          kind: "arrow",
          points: [
            [2, 1],
            [4, 3],
          ],
        }),
        expect.objectContaining({
          ...{ kind: "region", closed: true },
          points: [
            [16, 8],
            [48, 8],
            [48, 24],
            [16, 24],
          ],
        }),
        expect.objectContaining({ kind: "text", label: "Sb shell", points: [[6, 4]] }),
        expect.objectContaining({ kind: "point", label: "Beam", points: [[8, 2]] }),
      ]);
      expect(marks[0]!.from).toBe("DigitalMicrograph, DocumentObjectList.0.AnnotationGroupList.0");
    },
  );

  it("an oval lies within its rectangle and touches it", async () => {
    const [oval] = await withAnnotations([{ type: 6, rectangle: [10, 20, 30, 60] }]);
    const xs = oval!.points.map(([x]) => x);
    const ys = oval!.points.map(([, y]) => y);
    expect(
      [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)].map((v) => +v.toFixed(9)),
    ).toEqual([20, 60, 10, 30]);
    // On the ellipse, every vertex.
    for (const [x, y] of oval!.points) expect(((x - 40) / 20) ** 2 + ((y - 20) / 10) ** 2).toBeCloseTo(1, 9);
  });

  it("scale bars, masks, empty texts and what lies beside the picture are not offered", async () => {
    expect(
      await withAnnotations([
        { type: 31, rectangle: [30, 2, 34, 20] },
        { type: 8, rectangle: [0, 0, 5, 5] },
        { type: 13, rectangle: [1, 1, 2, 2], text: " " },
        { type: 5, rectangle: [100, 200, 120, 220] },
        { type: 2, rectangle: [Number.NaN, 0, 1, 1] },
      ]),
    ).toEqual([]);
  });
});

describe("ImageJ's regions", () => {
  /** A region as ImageJ writes it: big-endian, whatever the TIFF is. */
  function roi(
    type: number,
    box: readonly [top: number, left: number, bottom: number, right: number],
    options: {
      readonly line?: readonly number[];
      readonly vertices?: readonly (readonly [number, number])[];
      readonly exact?: readonly (readonly [number, number])[];
      readonly name?: string;
      readonly position?: number;
    } = {},
  ): Uint8Array {
    const { line = [], vertices = [], exact, name = "", position = 0 } = options;
    const body = 64 + 4 * vertices.length + (exact ? 8 * exact.length : 0);
    const bytes = new Uint8Array(body + 64 + 2 * name.length);
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode("Iout"));
    view.setInt16(4, 228);
    view.setUint8(6, type);
    for (const [i, value] of box.entries()) view.setInt16(8 + 2 * i, value);
    view.setUint16(16, vertices.length);
    for (const [i, value] of line.entries()) view.setFloat32(18 + 4 * i, value);
    if (exact) view.setInt16(50, 128);
    view.setInt32(56, position);
    vertices.forEach(([x, y], i) => {
      view.setInt16(64 + 2 * i, x);
      view.setInt16(64 + 2 * (vertices.length + i), y);
    });
    exact?.forEach(([x, y], i) => {
      view.setFloat32(64 + 4 * vertices.length + 4 * i, x);
      view.setFloat32(64 + 4 * vertices.length + 4 * (exact.length + i), y);
    });
    view.setInt32(60, body);
    view.setInt32(body + 16, body + 64);
    view.setInt32(body + 20, name.length);
    for (const [i, c] of [...name].entries()) view.setUint16(body + 64 + 2 * i, c.charCodeAt(0));
    return bytes;
  }

  /** The parts with their head, in the TIFF's byte order. */
  function metadata(parts: readonly (readonly [string, readonly Uint8Array[]])[], littleEndian: boolean) {
    const head = new Uint8Array(4 + 8 * parts.length);
    const view = new DataView(head.buffer);
    const name = (at: number, text: string) =>
      view.setUint32(
        at,
        [...text].reduce((code, c) => code * 256 + c.charCodeAt(0), 0),
        littleEndian,
      );
    name(0, "IJIJ");
    parts.forEach(([kind, list], i) => {
      name(4 + 8 * i, kind);
      view.setUint32(8 + 8 * i, list.length, littleEndian);
    });
    const all = [head, ...parts.flatMap(([, list]) => list)];
    return {
      byteCounts: all.map((part) => part.length),
      metadata: Uint8Array.from(all.flatMap((part) => [...part])),
    };
  }

  const parts = [
    ["info", [new TextEncoder().encode("0I0n0f0o")]],
    ["roi ", [roi(3, [0, 0, 0, 0], { line: [1.5, 2.5, 30, 20], name: "wire Ø" })]],
    [
      "over",
      [
        roi(1, [4, 6, 20, 30], { position: 2 }),
        roi(0, [10, 20, 30, 40], {
          vertices: [
            [0, 0],
            [20, 5],
            [3, 20],
          ],
        }),
        roi(5, [0, 0, 9, 9], {
          vertices: [
            [1, 1],
            [8, 8],
          ],
          exact: [
            [1.25, 1.5],
            [8.75, 8.25],
          ],
        }),
      ],
    ],
  ] as const;

  it.each([true, false])(
    "come out of a TIFF, selection and overlay (little-endian: %s)",
    async (littleEndian) => {
      const pixels = { width, height, samplesPerPixel: 1 as const, sampleType: "uint16" as const, data };
      const bytes = writeTiff([[pixels, { littleEndian, imageJ: metadata(parts, littleEndian) }]]);
      const marks = await marksOf(bytes, "a.tif");
      expect(marks.map(brief)).toEqual([
        {
          ...{ kind: "measurement-line", closed: false, label: "wire Ø", frame: "all" },
          points: [
            [1.5, 2.5],
            [30, 20],
          ],
        },
        {
          ...{ kind: "region", closed: true, label: "", frame: 1 },
          points: [
            [6, 4],
            [30, 4],
            [30, 20],
            [6, 20],
          ],
        },
        expect.objectContaining({
          ...{ kind: "region", closed: true },
          points: [
            [20, 10],
            [40, 15],
            [23, 30],
          ],
        }),
        expect.objectContaining({
          kind: "interface-trace",
          points: [
            [1.25, 1.5],
            [8.75, 8.25],
          ],
        }),
      ]);
      expect(marks.map(({ from }) => from)).toEqual([
        "ImageJ, selection",
        "ImageJ, overlay 2",
        "ImageJ, overlay 3",
        "ImageJ, overlay 4",
      ]);
    },
  );

  it("cut short or garbled at any byte, they are passed over and never refuse the picture", () => {
    const whole = metadata(parts, true);
    for (let length = 0; length <= whole.metadata.length; length += 3)
      expect(
        imageJRois(whole.byteCounts, whole.metadata.subarray(0, length), true).length,
      ).toBeLessThanOrEqual(4);
    for (let i = 0; i < whole.metadata.length; i++) {
      const garbled = whole.metadata.slice();
      garbled[i] = garbled[i]! ^ 0xff;
      expect(() => imageJRois(whole.byteCounts, garbled, true)).not.toThrow();
    }
  });
});
