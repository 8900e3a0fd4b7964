import type { ByteSource } from "#core/formats/byte-source.ts";
import type { Hdf5, Hdf5Dataset, Hdf5File, Hdf5Value } from "#core/formats/hdf5.ts";
import { wideIntegers } from "#core/formats/pixel-grid.ts";
import { FormatError } from "#core/formats/reader.ts";
import { bytesPerSample, type SampleType, samplesFromBytes } from "#core/micrograph/raster.ts";
import type { FileByteSource } from "./file-byte-source.ts";

type Library = Awaited<typeof import("h5wasm")["ready"]>;
type Metadata = ReturnType<Library["get_dataset_metadata"]>;
type StreamOps = Record<string, (...args: never[]) => unknown>;

/** The parts of the library's own file system that are used here; its declarations leave them out. */
interface VirtualFiles {
  readonly streams: readonly { stream_ops: StreamOps }[];
  writeFile(path: string, data: Uint8Array): void;
  lookupPath(path: string): { readonly node: { stream_ops: StreamOps; usedBytes: number } };
}

/** The library's memory ends at 2 GiB; boxes and files that are held whole stay well below. */
const maxBoxBytes = 1 << 30;
const maxAttributeBytes = 1 << 20;

const libraries = new WeakMap<ByteSource, Promise<Library>>();
const path = "/source";

/**
 * HDF5 by the library's own code in its own memory, with a file system that holds nothing but the file being read:
 * links and external storage lead nowhere. Every file has a library for itself, for as long as its source is used: what
 * a malicious file may do to the library's memory, it does to itself.
 */
export const nodeHdf5: Hdf5 = {
  async withFile(source, look) {
    const library = await libraryFor(source);
    try {
      const id = library.open(path, library.H5F_ACC_RDONLY);
      if (id < 0n)
        throw new FormatError(
          "malformed",
          "The HDF5 file cannot be opened: it is cut off or damaged. Copy it again.",
        );
      try {
        return look(openedFile(library, id));
      } finally {
        library.close_file(id);
      }
    } catch (error) {
      libraries.delete(source); // a failed call may leave objects behind, a trap anything
      if (error instanceof FormatError) throw error;
      // What the library says of itself ("name not defined!") helps nobody who has the file before them.
      throw new FormatError(
        "malformed",
        "The HDF5 file cannot be read: its tables of contents lead nowhere. It is damaged: copy it again from the microscope's computer.",
        { reason: error instanceof Error ? error.message : String(error) },
      );
    }
  },
};

function libraryFor(source: ByteSource): Promise<Library> {
  const known = libraries.get(source);
  if (known) return known;
  const made = load().then(async (library) => {
    await mount(library, source);
    return library;
  });
  libraries.set(source, made);
  made.catch(() => libraries.delete(source));
  return made;
}

/** The package makes one library for everybody; its factory, which it does not name, makes as many as are asked for. */
async function load(): Promise<Library> {
  const factory = new URL("./hdf5_util.js", import.meta.resolve("h5wasm")).href;
  const { default: create } = (await import(factory)) as {
    readonly default: (options: { readonly noInitialRun: boolean }) => Promise<Library>;
  };
  const library = await create({ noInitialRun: true });
  // The library tells its errors on standard error, for every damaged file; they come as status codes as well.
  const { streams } = library.FS as unknown as VirtualFiles;
  streams[2]!.stream_ops = { ...streams[2]!.stream_ops, write: (_s, _b, _at, length: number) => length };
  return library;
}

/** Puts a source into the library's file system without copying it where the source can be read at once. */
async function mount(library: Library, source: ByteSource): Promise<void> {
  const virtual = library.FS as unknown as VirtualFiles;
  const readInto = (source as Partial<FileByteSource>).readInto;
  if (readInto) {
    virtual.writeFile(path, new Uint8Array(0));
    const { node } = virtual.lookupPath(path);
    node.usedBytes = source.size;
    const read = (_s: unknown, heap: Int8Array, at: number, length: number, offset: number) => {
      if (offset >= source.size) return 0;
      const target = new Uint8Array(
        heap.buffer,
        heap.byteOffset + at,
        Math.min(length, source.size - offset),
      );
      try {
        return readInto(target, offset);
      } catch {
        return 0; // the library takes it for the file's end, and says so
      }
    };
    node.stream_ops = { ...node.stream_ops, read };
  } else {
    if (source.size > maxBoxBytes)
      throw new FormatError(
        "too-large",
        `An HDF5 file of ${source.size} bytes is too large to be held in memory. Unpack it and hand in the result.`,
      );
    virtual.writeFile(path, await source.read(0, source.size));
  }
}

function openedFile(library: Library, id: bigint): Hdf5File {
  const described = new Map<string, Metadata>();
  const metadata = (path: string) => {
    const known = described.get(path) ?? library.get_dataset_metadata(id, path);
    described.set(path, known);
    return known;
  };
  const file: Hdf5File = {
    kind(path) {
      const type = library.get_type(id, path);
      if (type === library.H5G_GROUP) return "group";
      return type === library.H5G_DATASET ? "dataset" : undefined;
    },
    members: (group) => [...library.get_names(id, group, false)].sort(),
    attributeNames: (path) => [...library.get_attribute_names(id, path)].sort(),
    attribute(path, name) {
      if (!library.get_attribute_names(id, path).includes(name)) return undefined;
      const form = library.get_attribute_metadata(id, path, name);
      if (!form.shape || form.size * form.total_size > maxAttributeBytes) return undefined;
      const read = (pointer: bigint) => library.get_attribute_data(id, path, name, pointer);
      const reclaim = (pointer: bigint) => library.reclaim_vlen_memory(id, path, name, pointer);
      const list = valuesOf(library, form, read, reclaim);
      return form.shape.length === 0 ? list?.[0] : list;
    },
    dataset(path): Hdf5Dataset {
      const form = metadata(path);
      return {
        shape: form.shape ?? [],
        type: typeOf(library, form),
        compressed: library.get_dataset_filters(id, path).length > 0,
      };
    },
    read(path, start, count) {
      const form = metadata(path);
      const type = typeOf(library, form);
      if (type === "text" || type === "other") throw notNumbers(path);
      const read = (pointer: bigint) =>
        form.shape?.length === 0
          ? library.get_dataset_data(id, path, null, null, null, pointer)
          : library.get_dataset_data(
              id,
              path,
              count.map(BigInt),
              start.map(BigInt),
              count.map(() => 1n),
              pointer,
            );
      const bytes = readBytes(
        library,
        count.reduce((product, n) => product * n, form.size),
        read,
      );
      return type === "int64" || type === "uint64"
        ? wideIntegers(bytes, type === "int64")
        : samplesFromBytes(storedAs[type] ?? (type as SampleType), bytes);
    },
    texts(path) {
      const form = metadata(path);
      const read = (pointer: bigint) => library.get_dataset_data(id, path, null, null, null, pointer);
      const reclaim = (pointer: bigint) => library.reclaim_vlen_memory(id, path, "", pointer);
      const list = typeOf(library, form) === "text" ? valuesOf(library, form, read, reclaim) : undefined;
      return (list ?? []).map(String);
    },
  };
  return file;
}

function typeOf(library: Library, form: Metadata): Hdf5Dataset["type"] {
  const classes = library.H5T_class_t;
  if (form.type === classes.H5T_STRING.value) return "text";
  if (form.type === classes.H5T_FLOAT.value)
    return form.size === 4 ? "float32" : form.size === 8 ? "float64" : "other";
  if (form.type === classes.H5T_COMPOUND.value) return complexType(form, classes.H5T_FLOAT.value);
  if (form.type !== classes.H5T_INTEGER.value && form.type !== classes.H5T_ENUM.value) return "other";
  const name = `${form.signed ? "" : "u"}int${form.size * 8}`;
  if (name === "int64" || name === "uint64") return name;
  return name in bytesPerSample ? (name as SampleType) : "other";
}

/** A pair of floats of one length and nothing else: Velox names them realFloat and imagFloat, h5py r and i. */
function complexType({ size, compound_type }: Metadata, floatClass: number): Hdf5Dataset["type"] {
  const [real, imaginary, ...more] = compound_type?.members ?? [];
  const isPair =
    real !== undefined &&
    imaginary !== undefined &&
    more.length === 0 &&
    /^r/i.test(real.name) &&
    /^i/i.test(imaginary.name) &&
    [real, imaginary].every(
      (part, i) =>
        part.type === floatClass &&
        part.size * 2 === size &&
        part.offset === i * part.size &&
        part.littleEndian,
    );
  if (!isPair) return "other";
  return size === 8 ? "complex64" : size === 16 ? "complex128" : "other";
}

/** How the parts of complex numbers lie in memory. */
const storedAs: Readonly<Partial<Record<Hdf5Dataset["type"], SampleType>>> = {
  complex64: "float32",
  complex128: "float64",
};

/** Texts or numbers of an attribute or a dataset that is read whole. */
function valuesOf(
  library: Library,
  form: Metadata,
  read: (pointer: bigint) => number,
  reclaim: (pointer: bigint) => number,
): Extract<Hdf5Value, readonly unknown[]> | undefined {
  const type = typeOf(library, form);
  if (type === "other" || type === "complex64" || type === "complex128") return undefined;
  if (form.total_size === 0) return undefined;
  const bytes = form.size * form.total_size;
  if (type !== "text") {
    const data = readBytes(library, bytes, read);
    if (type === "int64" || type === "uint64") return Array.from(wideIntegers(data, type === "int64"));
    return Array.from(samplesFromBytes(type, data));
  }
  const texts: string[] = [];
  const decode = (data: Uint8Array) => {
    if (form.vlen)
      for (const pointer of new Uint32Array(data.slice().buffer))
        texts.push(pointer === 0 ? "" : library.UTF8ToString(pointer));
    else
      for (let at = 0; at < data.length; at += form.size) {
        const text = data.subarray(at, at + form.size);
        const end = text.indexOf(0);
        texts.push(new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)).trimEnd());
      }
  };
  readBytes(library, bytes, read, (data, pointer) => {
    decode(data);
    if (form.vlen) reclaim(pointer);
  });
  return texts;
}

/** Has the library write into its memory and copies that out. A failed read is refused, never its leftover memory shown. */
function readBytes(
  library: Library,
  bytes: number,
  read: (pointer: bigint) => number,
  whileThere?: (data: Uint8Array, pointer: bigint) => void,
): Uint8Array {
  if (!(bytes > 0 && bytes <= maxBoxBytes))
    throw new FormatError(
      "too-large",
      `An HDF5 file announces a block of ${bytes} bytes; up to ${maxBoxBytes} are read at a time. The file is damaged, or its pictures are too large.`,
    );
  const pointer = library._malloc(bytes);
  if (pointer === 0)
    throw new FormatError(
      "too-large",
      `There is no memory for a block of ${bytes} bytes. Try again when less is read.`,
    );
  try {
    if (read(BigInt(pointer)) < 0)
      throw new FormatError(
        "malformed",
        "Data of the HDF5 file cannot be read: it is cut off, damaged, or packed by a filter that is not known here. Copy it again.",
      );
    const { HEAPU8 } = library; // taken after the read: memory that grew is another buffer
    whileThere?.(HEAPU8.subarray(pointer, pointer + bytes), BigInt(pointer));
    return HEAPU8.slice(pointer, pointer + bytes);
  } finally {
    library._free(pointer);
  }
}

function notNumbers(path: string): FormatError {
  return new FormatError("unsupported", `The HDF5 dataset ${path} holds no plain numbers and is not read.`);
}
