import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRandom } from "#core/random/generator.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { createRecordId, recordId } from "#core/schema/ids.ts";
import { geometryFault } from "#core/schema/kind-definition.ts";
import { kindDefinition, kinds } from "#core/schema/kinds.ts";
import { validator as annotationClass } from "#core/schema/records/annotation-class.ts";
import { validator as attachment } from "#core/schema/records/attachment.ts";
import { validator as calibrationRecord } from "#core/schema/records/calibration-record.ts";
import { validator as series } from "#core/schema/records/series.ts";

const root = join(import.meta.dirname, "../../../core/schema");
const files = ["kinds", "records"].flatMap((folder) =>
  readdirSync(join(root, folder)).map((file) => [`${folder}/${file}`] as const),
);

describe("schema", () => {
  it.each(files)("%s has a validator and a version that is the last of its named ones", async (file) => {
    const module = (await import(join(root, file))) as {
      version?: number;
      versions?: Record<string, number>;
      validator?: { safeParse(value: unknown): { success: boolean } };
    };
    expect(module.version).toBe(Math.max(...Object.values(module.versions ?? {})));
    expect(module.validator?.safeParse("no record at all").success).toBe(false);
  });

  it("every kind migrates step by step up to its version", () => {
    for (const kind of Object.values(kinds)) {
      const steps = Array.from({ length: kind.version - 1 }, (_, i) => i + 2);
      expect(kind.migrations.map(({ to }) => to)).toEqual(steps);
      expect(kindDefinition(kind.kind)).toBe(kind);
    }
    expect(kindDefinition("toString")).toBeUndefined();
  });

  it("has every record of the model", () => {
    const named =
      "specimen object session series series-state acquisition content scope origin link attachment";
    const people = "principal guest group project annotation-class interface calibration-record comment";
    const present = readdirSync(join(root, "records"));
    for (const name of `${named} ${people}`.split(" ")) expect(present).toContain(`${name}.ts`);
  });
});

describe("kinds", () => {
  const ring = (count: number, closed: boolean, hole = false) => ({
    closed,
    hole,
    vertices: Array.from({ length: count }, (_, id) => ({ id, x: id * id, y: id })),
  });
  it.each([
    ["region", [ring(3, true), ring(4, true, true)], undefined],
    ["region", [ring(2, true)], /at least 3 vertices in ring 0, found 2/],
    ["region", [ring(3, true, true)], /outer ring before the first hole/],
    ["region", [ring(3, false)], /closed/],
    ["interface-trace", [ring(2, false)], undefined],
    ["interface-trace", [ring(3, true)], /open/],
    ["measurement-line", [ring(3, false)], /expected 2 vertices/],
    ["scope", [], undefined],
    ["gap", [], undefined],
    ["point", [], /expected 1 rings/],
  ] as const)("%s with rings %j: %s", (kind, rings, fault) => {
    const found = geometryFault(kinds[kind].geometry, { rings });
    if (fault) expect(found).toMatch(fault);
    else expect(found).toBeUndefined();
  });

  it("refuses coordinates that are no places", () => {
    const vertices = [
      { id: 0, x: 0, y: 0 },
      { id: 1, x: Number.POSITIVE_INFINITY, y: 0 },
    ];
    expect(
      geometryFault(kinds["measurement-line"].geometry, {
        rings: [{ closed: false, hole: false, vertices }],
      }),
    ).toMatch(/within/);
  });
});

describe("records", () => {
  it("the default classes are valid, with colours, patterns or both apart, and keys 1-9", () => {
    for (const value of defaultClasses) expect(annotationClass.parse(value)).toEqual(value);
    expect(new Set(defaultClasses.map(({ colour, pattern }) => colour + pattern)).size).toBe(
      defaultClasses.length,
    );
    expect(defaultClasses.map(({ key }) => key).join("")).toBe("123456789");
    expect(new Set(defaultClasses.map(({ role }) => role)).size).toBe(defaultClasses.length);
  });

  it("an uncalibrated record is a value; a pixel size of zero is not", () => {
    const common = { id: "cal1", number: 1, comment: "", madeBy: "p1", madeAt: "2026-01-01T00:00:00Z" };
    expect(
      calibrationRecord.safeParse({ ...common, calibration: { state: "uncalibrated", reason: "no tag" } })
        .success,
    ).toBe(true);
    const zero = {
      state: "calibrated",
      unit: "nm",
      pixelSize: { x: 0, y: 1 },
      rotationDeg: 0,
      relativeStandardUncertainty: { x: 0.03, y: 0.03 },
      source: { kind: "synthetic" },
      certified: false,
    };
    expect(calibrationRecord.safeParse({ ...common, calibration: zero }).success).toBe(false);
  });

  it("elapsed time of the reaction and clock time are different fields of a state", () => {
    const state = {
      label: "15min",
      order: 2,
      cycle: null,
      step: null,
      elapsedS: 900,
      clockTime: null,
      conditions: [{ quantity: "temperature", value: 299, unit: "°C" }],
      basis: "",
    };
    const members = [{ micrographId: "m1", state, registration: null }];
    expect(series.parse({ id: "s1", name: "wire", objectId: null, members }).members[0]!.state.elapsedS).toBe(
      900,
    );
  });

  it("an attachment is named by its SHA-256", () => {
    const value = {
      id: "a1",
      on: { type: "micrograph", id: "m1" },
      fileName: "eds.emsa",
      bytes: 12,
      mediaType: "text/plain",
      addedBy: "p1",
      addedAt: "2026-01-01T00:00:00Z",
    };
    expect(attachment.safeParse({ ...value, sha256: "ab".repeat(32) }).success).toBe(true);
    expect(attachment.safeParse({ ...value, sha256: "md5" }).success).toBe(false);
  });

  it("ids are 12 characters without look-alikes, different every time, repeatable by seed", () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => createRecordId()));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{12}$/);
    expect(createRecordId(createRandom(5))).toBe(createRecordId(createRandom(5)));
    expect(recordId.safeParse("../etc").success).toBe(false);
  });
});
