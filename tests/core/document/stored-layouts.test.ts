import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { annotationsMap } from "#core/document/record-layout.ts";
import { createRandom } from "#core/random/generator.ts";

const folder = join(import.meta.dirname, "stored");

describe("stored documents", () => {
  it.each(readdirSync(folder).map((file) => [file]))(
    "T3 %s opens to the marks it was written with",
    (file) => {
      const { update, opensTo } = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const doc = new Y.Doc();
      Y.applyUpdate(doc, Buffer.from(update, "base64"));
      const document = openAnnotationDocument(doc);
      expect([...document.annotations().values()]).toEqual(opensTo.live);
      expect([...document.deletedAnnotations().values()]).toEqual(opensTo.deleted);
      expect(document.invalid()).toEqual([]);
    },
  );

  it("T2 whatever stands under a record's keys, reading goes on and the others are shown", () => {
    const seed = Number(process.env.SEED ?? 99);
    const random = createRandom(seed);
    const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
    const junk = () =>
      pick<unknown>([
        null,
        0,
        -1,
        1e300,
        "",
        "x",
        true,
        [],
        [1],
        [1, 2],
        [1, 2, 3, 4],
        {},
        { k: 1 },
        new Uint8Array([0, 9, 255]),
        new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]),
      ]);
    const keys = ["h", "g", "q", "v1", "i5", "c", "t", "f", "d", "z", "a:form", "p:x", "s:1", "zz", "v_"];
    const { update } = JSON.parse(readFileSync(join(folder, "layout-1.json"), "utf8"));
    for (let round = 0; round < 400; round++) {
      const doc = new Y.Doc();
      Y.applyUpdate(doc, Buffer.from(update, "base64"));
      const document = openAnnotationDocument(doc);
      const record = annotationsMap(doc).get("region1") as Y.Map<unknown>;
      for (let i = 0; i < 3; i++) record.set(pick(keys), junk());
      annotationsMap(doc).set("junk", junk());
      expect(document.annotations().has("trace1"), `SEED=${seed} round ${round}`).toBe(true);
      const known = ["region1", "junk"].map(
        (id) =>
          document.annotations().has(id) ||
          document.deletedAnnotations().has(id) ||
          document.invalid().some((r) => r.id === id),
      );
      expect(known[1], `SEED=${seed} round ${round}`).toBe(true);
    }
  });
});
