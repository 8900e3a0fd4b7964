import type { Acquisition, Sourced } from "#core/micrograph/acquisition.ts";
import { BinaryView } from "./binary-view.ts";
import { FormatError } from "./reader.ts";
import type { TiffDirectory } from "./tiff-directory.ts";

type Section = Readonly<Record<string, string>>;

/** What makers of microscopes and programs put into a TIFF beside its pixels. Kept as it came. */
export interface VendorTags {
  readonly description?: string;
  readonly software?: string;
  readonly make?: string;
  readonly model?: string;
  readonly dateTime?: string;
  /** Pixels a resolution unit, and that unit: 1 none, 2 inch, 3 cm. */
  readonly resolution?: { readonly x: number; readonly y: number; readonly unit: number };
  readonly imageJ?: Section;
  /** Attributes of OME's first Pixels element. */
  readonly ome?: Section;
  /** FEI/Thermo: [section] name=value. */
  readonly fei?: Readonly<Record<string, Section>>;
  /** Zeiss: first the numbers of the unnamed head, then "name = value". */
  readonly zeiss?: { readonly head: readonly number[]; readonly values: Section };
  readonly jeol?: Section;
  readonly tvips?: { readonly pixelSizeX: number; readonly pixelSizeY: number; readonly temMode: number };
  readonly digitalMicrograph?: {
    readonly scaleX: number;
    readonly scaleY: number;
    readonly unitX: string;
    readonly unitY: string;
  };
  /** Olympus SIS: metres a pixel. */
  readonly sis?: { readonly pixelSizeXM: number; readonly pixelSizeYM: number };
  readonly acquisition: Acquisition;
}

/** Reads whatever vendor tags a page has; a vendor's block that cannot be read leaves its field out. */
export async function readVendorTags(page: TiffDirectory): Promise<VendorTags> {
  const texts = {
    description: await text(page, 270),
    software: await text(page, 305),
    make: await text(page, 271),
    model: await text(page, 272),
    dateTime: await text(page, 306),
  };
  const { description } = texts;
  const fei = iniSections((await text(page, 34682)) ?? (await text(page, 34680)));
  const zeiss = zeissValues(await text(page, 34118));
  const found = {
    ...texts,
    resolution: await resolution(page),
    imageJ: description?.startsWith("ImageJ=") ? lineValues(description.split("\n")) : undefined,
    ome: omePixels(description),
    fei,
    zeiss,
    jeol: jeolValues(description),
    tvips: await optional(() => readTvips(page)),
    digitalMicrograph: await optional(() => readDigitalMicrograph(page)),
    sis: await optional(() => readSis(page)),
  };
  const defined = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { ...defined, acquisition: acquisitionOf(fei, texts.model ?? "") } as VendorTags;
}

async function text(page: TiffDirectory, tag: number): Promise<string | undefined> {
  return page.has(tag) ? (await page.text(tag)) || undefined : undefined;
}

/** A damaged vendor block does not cost the picture. */
async function optional<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

async function resolution(page: TiffDirectory) {
  const [x, y, unit] = [await page.number(282), await page.number(283), (await page.number(296)) ?? 2];
  return x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y)
    ? { x, y, unit }
    : undefined;
}

function lineValues(lines: readonly string[]): Section {
  const pairs = lines
    .map((line) => [line.indexOf("="), line] as const)
    .filter(([at]) => at > 0)
    .map(([at, line]) => [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const);
  return Object.fromEntries(pairs);
}

function iniSections(ini: string | undefined): Readonly<Record<string, Section>> | undefined {
  if (!ini) return undefined;
  const parts = ini.split(/^\s*\[([^\]\r\n]*)\]\s*$/m);
  const sections: Record<string, Section> = {};
  for (let i = 1; i + 1 < parts.length; i += 2)
    sections[parts[i]!] = lineValues(parts[i + 1]!.split(/\r?\n/));
  return sections;
}

function zeissValues(block: string | undefined) {
  if (!block) return undefined;
  const lines = block.split(/\r?\n/);
  const head: number[] = [];
  for (const line of lines) {
    const value = Number(line);
    if (line.trim() === "" || Number.isNaN(value)) break;
    head.push(value);
  }
  return { head, values: lineValues(lines) };
}

function omePixels(description: string | undefined): Section | undefined {
  const element = /<(?:\w+:)?OME[\s>]/.test(description ?? "")
    ? /<(?:\w+:)?Pixels\s([^>]*)>/.exec(description!)
    : null;
  if (!element) return undefined;
  return Object.fromEntries(
    [...element[1]!.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1]!, xmlText(m[2]!)]),
  );
}

const xmlText = (escaped: string) =>
  escaped
    .replace(/&#x([0-9a-f]{1,5});/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0xffff)))
    .replaceAll("&amp;", "&");

/** JEOL's TemReporter: the imaging system's own values, which stand before those of drawn objects. */
function jeolValues(description: string | undefined): Section | undefined {
  const at = description?.includes("<TemReporter") ? description.indexOf("<ImageFormingSystem>") : -1;
  if (at < 0) return undefined;
  const system = description!.slice(at, description!.indexOf("</ImageFormingSystem>", at));
  return Object.fromEntries([...system.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map((m) => [m[1]!, m[2]!.trim()]));
}

/** TVIPS' header of version 2 at the offset that tag 37706 gives, by the field lengths of TVIPS' own description. */
async function readTvips(page: TiffDirectory) {
  const [pixelSizeAt, temModeAt, needed] = [2968, 3532, 3540];
  const offset = await page.number(37706);
  if (offset === undefined) return undefined;
  const view = new BinaryView(await page.source.read(offset, needed), page.littleEndian);
  if (view.i32() !== 2) return undefined;
  view.seek(pixelSizeAt);
  return { pixelSizeX: view.f32(), pixelSizeY: view.f32(), temMode: view.seek(temModeAt).i32() };
}

async function readDigitalMicrograph(page: TiffDirectory) {
  const [scaleX, scaleY] = [await page.number(65009), await page.number(65010)];
  if (scaleX === undefined || scaleY === undefined) return undefined;
  const unitX = (await text(page, 65003)) ?? (await text(page, 65012)) ?? "";
  const unitY = (await text(page, 65004)) ?? (await text(page, 65013)) ?? "";
  return { scaleX, scaleY, unitX, unitY };
}

/** Olympus' block: a table of parts, of which the general one (type 1) holds the size and its power of ten. */
async function readSis(page: TiffDirectory) {
  const offset = await page.number(33560);
  if (offset === undefined) return undefined;
  const head = new BinaryView(await page.source.read(offset, 60), page.littleEndian);
  if (head.text(4) !== "SIS0") return undefined;
  const parts = head.seek(58).u16();
  const table = new BinaryView(
    await page.source.read(offset + 60, Math.min(parts, 256) * 8),
    page.littleEndian,
  );
  while (table.position < table.length) {
    const [type, , at] = [table.u16(), table.u16(), table.u32()];
    if (type !== 1) continue;
    const part = new BinaryView(await page.source.read(at, 28), page.littleEndian).skip(10);
    const exponent = part.i16();
    const [x, y] = [part.f64(), part.f64()];
    return { pixelSizeXM: x * 10 ** exponent, pixelSizeYM: y * 10 ** exponent };
  }
  return undefined;
}

function acquisitionOf(fei: Readonly<Record<string, Section>> | undefined, model: string): Acquisition {
  const from = <Value>(value: Value, path: string): Sourced<Value> => ({
    value,
    source: { kind: "tag", path },
  });
  const number = (section: string, name: string, factor: number) => {
    const value = Number(fei?.[section]?.[name] || Number.NaN) * factor;
    return Number.isFinite(value) && value > 0 ? from(value, `FEI [${section}] ${name}`) : undefined;
  };
  const beam = fei?.Beam?.Beam ?? "EBeam";
  const found = {
    highTensionKv: number("Beam", "HV", 1e-3) ?? number(beam, "HV", 1e-3),
    probeCurrentNa: number(beam, "BeamCurrent", 1e9),
    dwellTimeUs: number("Scan", "Dwelltime", 1e6),
    detector: fei?.Detectors?.Name ? from(fei.Detectors.Name, "FEI [Detectors] Name") : undefined,
    instrument: fei?.System?.SystemType
      ? from(fei.System.SystemType, "FEI [System] SystemType")
      : model
        ? from(model, "TIFF Model")
        : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Acquisition;
}
