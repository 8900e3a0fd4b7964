import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { openHouse, owner, temporaryFolder } from "./house.ts";

const shared = resolve(import.meta.dirname, "../../../../shared/micrographs");

/** Real pictures: some saved several times, some of one place at several times, some that only look alike. */
const files = [
  "dm/test_dm_image_um_unit.dm3",
  "tiff/test_loading_image_saved_with_DM.tif",
  "tiff/test_loading_image_saved_with_imageJ.tif",
  "tiff/derived_float32.tif",
  "tiff/derived_imagej_nm.tif",
  "png_jpg/derived_u16.png",
  "tiff/derived_72dpi_only.tif",
  "tiff/derived_lzw_u8.tif",
  "dm/tiny_2D_test-1_int16.dm3",
  "dm/tiny_2D_test-1_int16.dm4",
  "timeseries_insitu_Ti/Chip-4-Heat-1-Frame-1816.jpg",
  "timeseries_insitu_Ti/Chip-4-Heat-1-Frame-896.jpg",
  "timeseries_insitu_Ti/Chip-4-Heat-1-Frame-433.jpg",
];

describe.skipIf(!existsSync(join(shared, files[0]!)))("real pictures", () => {
  it("saved several times are one, others are not", async () => {
    const folder = await temporaryFolder();
    const house = await openHouse(folder.path);
    try {
      await house.ingest.start();
      for (const file of files) {
        const { sourceId } = await house.ingest.ingestFile(join(shared, file), owner);
        expect(await house.ingest.settled(sourceId), file).toBe("ready");
      }
      const sources = await house.ingest.catalogue.listSources(owner.projectId);
      const fileOf = (id: string) => sources.find(({ micrographs }) => micrographs.includes(id))!.fileName;
      const groups = (await house.ingest.pictures.groups(owner.projectId)).map(({ leadId, others }) => [
        fileOf(leadId),
        ...others.map(({ fileName }) => fileName).sort(),
      ]);
      expect(groups.sort()).toEqual([
        ["derived_72dpi_only.tif", "derived_lzw_u8.tif"],
        ["derived_float32.tif", "derived_imagej_nm.tif", "derived_u16.png"],
        [
          "test_dm_image_um_unit.dm3",
          "test_loading_image_saved_with_DM.tif",
          "test_loading_image_saved_with_imageJ.tif",
        ],
      ]);
    } finally {
      await house.close();
      await folder.remove();
    }
  });
});
