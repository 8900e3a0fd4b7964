import { describe, expect, it } from "vitest";
import type { Exporter } from "#core/export/exporter.ts";
import { dataset } from "#tests/core/export/dataset-fixture.ts";

/** What every exporter promises: determinism, safe paths, a manifest, and no mark lost without being counted. */
export function exporterContract(exporter: Exporter): void {
  describe(`exporter ${exporter.id}`, () => {
    it("gives the same bytes for the same dataset", () => {
      expect(exporter.export(dataset()).files).toEqual(exporter.export(dataset()).files);
    });

    it("writes relative, unique, portable paths", () => {
      const { files, images } = exporter.export(dataset({ name: '../../..\u0000/"ü\u202e名 前.tif' }));
      const paths = [...files, ...images].map(({ path }) => path);
      expect(new Set(paths).size).toBe(paths.length);
      for (const path of paths) expect(path).toMatch(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]*$/);
    });

    it("counts every mark once as exact, approximated or dropped, and says why where it is not exact", () => {
      const source = dataset();
      const { fidelity, files } = exporter.export(source);
      const marks = source.micrographs.reduce((sum, m) => sum + m.annotations.length, 0);
      const invalid = exporter.id === "measurements-csv" ? 0 : 1;
      expect(fidelity.exact + fidelity.approximated + fidelity.dropped).toBe(marks + invalid);
      expect(fidelity.notes.length).toBe(fidelity.approximated + fidelity.dropped);
      for (const { reason } of fidelity.notes) expect(reason.length).toBeGreaterThan(10);
      const manifest = JSON.parse(files.find(({ path }) => path === "manifest.json")!.text);
      expect(manifest.counts).toEqual({
        exact: fidelity.exact,
        approximated: fidelity.approximated,
        dropped: fidelity.dropped,
      });
    });

    it("says its losses before the download, and exports an empty dataset", () => {
      expect(exporter.losses.length).toBeGreaterThan(0);
      const empty = exporter.export({ ...dataset(), micrographs: [] });
      expect(empty.fidelity).toMatchObject({ exact: 0, approximated: 0, dropped: 0 });
    });
  });
}
