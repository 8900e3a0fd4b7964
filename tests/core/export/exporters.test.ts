import { describe, expect, it } from "vitest";
import { exporters } from "#core/export/exporters.ts";
import { measurementsCsv } from "#core/export/measurements-csv.ts";
import { decodeCounts } from "#core/geometry/run-length-mask.ts";
import { importers } from "#core/import/importers.ts";
import { exporterContract } from "#tests/contracts/exporter.ts";
import { dataset, mark } from "./dataset-fixture.ts";

for (const exporter of exporters) exporterContract(exporter);

const exported = (id: string, path: string, source = dataset()) =>
  exporters
    .find((e) => e.id === id)!
    .export(source)
    .files.find((f) => f.path === path)!.text;
const imported = (text: string) =>
  importers.find((i) => i.sniff(text))!.import(text, { source: "test.json" });

describe("COCO", () => {
  const coco = JSON.parse(exported("coco", "annotations/instances.json"));
  const of = (id: string) => coco.annotations.find((a: { lamella_id: string }) => a.lamella_id === id);

  it("a plain region is a list of polygons with the mask's area and box", () => {
    expect(of("plain")).toMatchObject({
      segmentation: [[1, 1, 7, 1, 7, 7, 1, 7]],
      area: 36,
      bbox: [1, 1, 6, 6],
      iscrowd: 0,
    });
  });

  it("a hole makes a run-length mask: subtracted, never filled", () => {
    const donut = of("donut");
    expect(donut.area).toBe(100 - 9);
    expect(donut.iscrowd).toBe(0);
    expect(donut.segmentation.size).toEqual([30, 40]);
    expect(decodeCounts(donut.segmentation.counts).reduce((a, b) => a + b, 0)).toBe(1200);
  });

  it("lines and traces are keypoints; ids are unique and start at 1", () => {
    expect(of("line").keypoints).toEqual([2, 25, 2, 32, 25, 2]);
    expect(of("trace").num_keypoints).toBe(32);
    expect(of("trace").keypoints.slice(0, 6)).toEqual([0, 5, 2, 1, 5, 2]);
    const ids = coco.annotations.map((a: { id: number }) => a.id);
    expect(Math.min(...ids)).toBe(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("points along a trace are equally far apart along it, bend or no bend; one without length is dropped", () => {
    const open = (points: readonly (readonly [number, number])[]) => [{ closed: false, points }];
    // 24 and 7 px, twice the same vertex between them: 31 intervals of 1 px.
    const bent = open([
      [3, 2],
      [27, 2],
      [27, 2],
      [27, 9],
    ]);
    const still = open([
      [5, 5],
      [5, 5],
    ]);
    const traces = [mark("bent", "interface-trace", bent), mark("still", "interface-trace", still)];
    const text = exported("coco", "annotations/instances.json", dataset({ annotations: traces }));
    const found = JSON.parse(text).annotations.filter((a: { keypoints?: unknown }) => a.keypoints);
    expect(found.map((a: { lamella_id: string }) => a.lamella_id)).toEqual(["bent"]);
    const wanted = Array.from({ length: 32 }, (_, i) => (i <= 24 ? [3 + i, 2, 2] : [27, 2 + (i - 24), 2]));
    expect(found[0].keypoints).toEqual(wanted.flat());
  });

  it("what no scope declares complete leaves as ignore, and a scope clears its inside for its classes only", () => {
    const ignored = coco.annotations.filter((a: { iscrowd: number }) => a.iscrowd === 1);
    expect(ignored.map((a: { area: number }) => a.area)).toEqual([1200, 1200]);
    const scope = mark(
      "scope",
      "scope",
      [
        {
          closed: true,
          points: [
            [0, 0],
            [20, 0],
            [20, 30],
            [0, 30],
          ],
        },
      ],
      {
        parameters: { classIds: "class-del" },
      },
    );
    const source = dataset();
    const scoped = dataset({ annotations: [...source.micrographs[0]!.annotations, scope] });
    const again = JSON.parse(exported("coco", "annotations/instances.json", scoped));
    const areas = again.annotations
      .filter((a: { iscrowd: number }) => a.iscrowd === 1)
      .map((a: { area: number }) => a.area);
    expect(areas).toEqual([600, 1200]);
  });

  it("comes back: polygons exactly, a hole as a hole", () => {
    const result = imported(exported("coco", "annotations/instances.json"));
    expect(result.micrographs[0]).toMatchObject({ width: 40, height: 30 });
    const marks = result.micrographs[0]!.marks.map((m) => m.annotation);
    expect(marks.find((m) => m.name === "delamination")!.rings[0]!.points).toEqual([
      [1, 1],
      [7, 1],
      [7, 7],
      [1, 7],
    ]);
    const donut = marks.find((m) => m.name === "beam damage")!;
    expect(donut.rings.map((r) => r.hole)).toEqual([false, true]);
    expect(donut.rings.map((r) => r.points.length)).toEqual([4, 4]);
    expect(result.failed.length).toBe(2); // the two ignore regions are not marks
  });

  it("lists what is broken with its reason and imports the rest", () => {
    const text = JSON.stringify({
      images: [{ id: 1, file_name: "a.png", width: 10, height: 10 }],
      categories: [{ id: 1, name: "x" }],
      annotations: [
        { image_id: 1, category_id: 1, segmentation: [[0, 0, 4, 0, 4, 3]] },
        { image_id: 1, category_id: 1, segmentation: [[0, 0, 4]] },
        { image_id: 1, category_id: 1, segmentation: { counts: [5, 5], size: [10, 10] } },
        { image_id: "one" },
      ],
    });
    const result = imported(text);
    expect(result.micrographs[0]!.marks.length).toBe(1);
    expect(result.failed.map((f) => f.what)).toEqual(["annotation 2", "annotation 3", "annotation 4"]);
  });
});

describe("Lamella JSON", () => {
  it("is lossless: what is imported exports to the same geometry, fields and classes", () => {
    const source = dataset();
    const result = imported(exported("lamella-json", "lamella.json"));
    expect(result.failed).toEqual([]);
    expect(result.classes).toEqual(source.classes);
    expect(result.interfaces).toEqual(source.interfaces);
    source.micrographs[0]!.annotations.forEach((annotation, i) => {
      const { id, annotation: back } = result.micrographs[0]!.marks[i]!;
      expect(id).toBe(annotation.id);
      expect(back.kind).toBe(annotation.kind);
      expect(back.classId).toBe(annotation.classId);
      expect(back.interfaceId).toBe(annotation.interfaceId);
      expect(back.rings.map((r) => r.points)).toEqual(
        annotation.outline.rings.map((r) => r.vertices.map(({ x, y }) => [x, y])),
      );
      expect(back.origin.slice(0, -1)).toEqual(annotation.origin);
    });
  });

  it("refuses a newer document with a sentence", () => {
    const text = exported("lamella-json", "lamella.json").replace('"version": 1', '"version": 99');
    expect(() => imported(text)).toThrow(/version 1 or older, received 99/);
  });

  it("keys that would reach a prototype are left out", () => {
    const text = exported("lamella-json", "lamella.json").replace(
      '"attributes": {}',
      '"attributes": {"__proto__": {"polluted": true}}',
    );
    imported(text);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("measurements CSV", () => {
  it("quotes what would break a table or run as a formula", () => {
    const row = {
      annotationIds: ["donut"],
      objectId: null,
      interfaceId: null,
      classId: "class-dam",
      quantity: "area",
      value: 91,
      unit: "px²",
      u: 2.5,
      k: 1,
      n: null,
      nEff: null,
      method: 'shoelace, "holes" subtracted',
      parameters: {},
      warnings: [],
    };
    const csv = measurementsCsv(dataset({ measurements: [row] as never }));
    const [header, line] = csv.split("\r\n");
    expect(header!.split(",").slice(10, 14)).toEqual(["quantity", "value", "unit", "standard_uncertainty"]);
    expect(line).toContain("'=HYPERLINK(1)");
    expect(line).toContain('"shoelace, ""holes"" subtracted"');
    expect(line).toContain(",91,px²,2.5,");
  });
});
