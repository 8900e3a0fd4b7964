import { aviReader } from "./avi.ts";
import { bcfReader } from "./bcf.ts";
import { dm3Reader, dm4Reader } from "./dm.ts";
import { emdReader } from "./emd.ts";
import { jpegReader } from "./jpeg.ts";
import { mrcReader } from "./mrc.ts";
import { pngReader } from "./png.ts";
import type { FormatReader } from "./reader.ts";
import { emiReader, serReader } from "./tia.ts";
import { tiffReader } from "./tiff.ts";
import { tvipsReader } from "./tvips.ts";
import { videoReader } from "./video.ts";

/** Every format that is read, asked in this order: those with a sure signature first. */
export const readers: readonly FormatReader[] = [
  dm4Reader,
  dm3Reader,
  tiffReader,
  pngReader,
  jpegReader,
  serReader,
  emiReader,
  emdReader,
  bcfReader,
  aviReader,
  videoReader,
  tvipsReader,
  mrcReader,
];
