import type { ByteSource } from "./byte-source.ts";
import { describeNcem } from "./emd-ncem.ts";
import { describeVelox } from "./emd-velox.ts";
import { type Hdf5, hdf5Signature } from "./hdf5.ts";
import { type HeldPicture, heldImage } from "./hdf5-picture.ts";
import { FormatError, type FormatReader, type OpenedFile, type ReaderContext, type Tag } from "./reader.ts";

/** What one of the two kinds of EMD was found to hold. */
export interface EmdContent {
  readonly pictures: readonly HeldPicture[];
  readonly others: OpenedFile["others"];
  readonly tags: Tag;
}

/**
 * EMD, two unlike formats of one name, both HDF5: Thermo Fisher's Velox and the Berkeley (NCEM) format 0.2.
 * Sources: the layout Velox writes, version 4 to 11; emdatasets.com, "EMD format 0.2"; the emdfile package, version 1.0.
 */
export const emdReader: FormatReader = {
  id: "EMD",
  extensions: ["emd", "h5", "hdf5"],
  sniff: (head) => hdf5Signature.every((byte, i) => head[i] === byte),
  open: openEmd,
};

async function openEmd(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const hdf5 = requireHdf5(context);
  const found = await hdf5.withFile(source, (file) => {
    const velox = describeVelox(file, context);
    if (velox) return { format: "EMD Velox", ...velox };
    const ncem = describeNcem(file, context);
    return ncem && { format: "EMD", ...ncem };
  });
  if (!found)
    throw new FormatError(
      "unknown-format",
      `This is an HDF5 file, but neither Velox' nor Berkeley's EMD (NeXus, HyperSpy, … are not read). Export its picture as TIFF.`,
      { fileName: context.fileName },
    );
  const { format, pictures, others, tags } = found;
  if (pictures.length === 0)
    throw new FormatError(
      "not-a-picture",
      others[0]
        ? `The file holds ${others.length === 1 ? "" : `${others.length} data sets, the first `}${others[0].kind} of ${others[0].shape.join(" × ")}, and no picture. Attach it to the micrograph it belongs to.`
        : "The EMD file holds no picture. Save the image itself.",
    );
  return { format, images: pictures.map((picture) => heldImage(hdf5, source, picture)), others, tags };
}

function requireHdf5({ codecs }: ReaderContext): Hdf5 {
  if (!codecs.hdf5)
    throw new FormatError("unsupported", "HDF5 files are not read here. Hand the file to the server.");
  return codecs.hdf5;
}
