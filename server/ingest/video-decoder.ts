import { FormatError } from "#core/formats/reader.ts";
import type { VideoContainer, VideoDecoder } from "#core/formats/video-decoder.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { ffmpegVersion, runFfmpeg } from "./ffmpeg.ts";
import type { FileByteSource } from "./file-byte-source.ts";

/** Names of the demuxers: ffmpeg is never left to guess, since some kinds of file name others to open. */
const demuxers: Readonly<Record<VideoContainer, string>> = {
  avi: "avi",
  mov: "mov,mp4,m4a,3gp,3g2,mj2",
  matroska: "matroska,webm",
  asf: "asf",
};
const losslessCodecs = new Set(
  "rawvideo ffv1 huffyuv ffvhuff utvideo magicyuv png tiff bmp qtrle rle zlib lagarith v210 r210 y41p".split(
    " ",
  ),
);
const mostListedBytes = 256 * 2 ** 20;

/** How a frame leaves the decoder: its stored brightness untouched, or its colours where they are stored as such. */
interface FrameOut {
  readonly sampleType: "uint8" | "uint16";
  readonly samplesPerPixel: 1 | 3;
  readonly filter: string | null;
  readonly pixelFormat: string;
  readonly notes: readonly string[];
}

/**
 * Video by the machine's own ffmpeg, run for each question in a process of its own. Times are those of the packets, so
 * that nothing is decoded to learn them; a frame is sought half-way after the one before it and decoded from the key
 * frame that it needs.
 *
 * @param onSign called while a program works
 */
export function createVideoDecoder(onSign: () => void): VideoDecoder {
  return {
    async open(container, source) {
      const { path } = source as Partial<FileByteSource>;
      if (path === undefined)
        throw new FormatError("unsupported", "A video within another file is not read. Unpack it first.");
      // No playlists, no network, no other files; a name that begins with a dash is no option.
      const input = ["-protocol_whitelist", "file", "-f", demuxers[container], "-i", `file:${path}`];
      const facts = await probeOnce(`${path} ${source.size}`, () => probe(input, onSign));
      const out = frameOut(facts.pixelFormat);
      const { width, height } = facts;
      const sampleBytes = out.sampleType === "uint8" ? 1 : 2;
      const frameBytes = width * height * out.samplesPerPixel * sampleBytes;
      const most = Math.max(1, Math.min(mostFramesAtOnce, Math.floor(mostBytesAtOnce / frameBytes)));
      const countFrom = (frame: number) => Math.min(most, facts.timesS.length - frame);
      /** Some frames from one on, in one run: the next one asked for needs the same key frame. */
      const decodeFrom = async (frame: number): Promise<Uint8Array> => {
        const [time, before] = [facts.timesS[frame]!, facts.timesS[frame - 1]];
        const seek = before === undefined ? [] : ["-ss", String((time + before) / 2 - facts.startS)];
        const count = countFrom(frame);
        return runFfmpeg(
          "ffmpeg",
          [
            ...["-v", "error", "-nostdin", "-threads", "2", "-noautorotate", ...seek, ...input],
            ...["-map", "0:v:0", "-frames:v", String(count), ...(out.filter ? ["-vf", out.filter] : [])],
            ...[...(await oneForOne()), "-f", "rawvideo", "-pix_fmt", out.pixelFormat, "pipe:1"],
          ],
          { maxOutputBytes: frameBytes * count, onSign },
        );
      };
      const readFrame = async (frame: number): Promise<Raster> => {
        const key = `${path} ${source.size}`;
        const isHeld =
          decoded?.key === key && frame >= decoded.first && frame < decoded.first + decoded.count;
        if (!isHeld) {
          const all = await decodeFrom(frame);
          const got = Math.floor(all.length / frameBytes);
          // Where one of them could not be decoded, only the first is known to be the one of its time.
          const count = got < countFrom(frame) ? Math.min(1, got) : got;
          decoded = { key, first: frame, count, bytes: all };
        }
        const { first, count, bytes: all } = decoded!;
        if (frame >= first + count)
          throw new FormatError(
            "truncated",
            `Frame ${frame + 1} of the video cannot be decoded: it ends or is damaged there. Copy it again.`,
          );
        const bytes = all.slice((frame - first) * frameBytes, (frame - first + 1) * frameBytes);
        const { sampleType, samplesPerPixel } = out;
        const data = sampleType === "uint8" ? bytes : new Uint16Array(bytes.buffer);
        return { width, height, samplesPerPixel, sampleType, data };
      };
      const lossy = !losslessCodecs.has(facts.codec);
      const { timesS, codec } = facts;
      const { sampleType, samplesPerPixel, notes } = out;
      return { ...{ width, height, sampleType, samplesPerPixel, timesS, codec, lossy, notes }, readFrame };
    },
  };
}

/** A run of frames decoded a moment ago: whoever looks at one goes on to the next. */
let decoded:
  | { readonly key: string; readonly first: number; readonly count: number; readonly bytes: Uint8Array }
  | undefined;
const mostFramesAtOnce = 16;
const mostBytesAtOnce = 64 * 2 ** 20;

/** Every frame once, at whatever time: the option was renamed in 5.1. */
async function oneForOne(): Promise<readonly string[]> {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec((await ffmpegVersion()) ?? "") ?? [];
  const isOld = major !== undefined && (Number(major) < 5 || (Number(major) === 5 && Number(minor) < 1));
  return isOld ? ["-vsync", "passthrough"] : ["-fps_mode", "passthrough"];
}

interface Facts {
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly pixelFormat: string;
  readonly startS: number;
  readonly timesS: readonly number[];
}

/** Facts of videos looked at a moment ago: every frame that is derived opens its file anew. */
const probed = new Map<string, Promise<Facts>>();
const keptProbes = 8;

function probeOnce(key: string, look: () => Promise<Facts>): Promise<Facts> {
  const known = probed.get(key);
  if (known) return known;
  if (probed.size >= keptProbes) probed.delete(probed.keys().next().value!);
  const facts = look();
  probed.set(key, facts);
  facts.catch(() => probed.delete(key));
  return facts;
}

async function probe(input: readonly string[], onSign: () => void): Promise<Facts> {
  const ask = async (entries: string) => {
    const args = ["-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", ...input];
    const said = await runFfmpeg("ffprobe", args, { maxOutputBytes: mostListedBytes, onSign });
    return JSON.parse(Buffer.from(said).toString("utf8")) as {
      readonly streams?: readonly Record<string, unknown>[];
      readonly format?: Record<string, unknown>;
      readonly packets?: readonly Record<string, unknown>[];
      readonly frames?: readonly Record<string, unknown>[];
    };
  };
  const { streams, format, packets } = await ask(
    "stream=codec_name,width,height,pix_fmt:format=start_time:packet=pts_time,flags",
  );
  const stream = streams?.[0];
  const [width, height] = [Number(stream?.width), Number(stream?.height)];
  const pixelFormat = String(stream?.pix_fmt ?? "");
  if (!stream || !(width > 0 && height > 0))
    throw new FormatError("not-a-picture", "This video file holds no picture, sound at most.");
  // Packets marked for discarding lie before an edit's start: they are decoded, and not shown.
  const shown = (packets ?? []).filter(({ flags }) => !String(flags).includes("D"));
  let times = shown.map(({ pts_time }) => Number.parseFloat(String(pts_time)));
  if (times.some(Number.isNaN)) {
    // Old containers give no times of their own to frames that are shown out of order: all are decoded to learn them.
    const { frames } = await ask("frame=best_effort_timestamp_time");
    times = (frames ?? []).map((frame) => Number.parseFloat(String(frame.best_effort_timestamp_time)));
  }
  times.sort((a, b) => a - b);
  if (times.length === 0 || times.some(Number.isNaN))
    throw new FormatError("malformed", "This video has no frame with a time. Copy or export it again.");
  const startS = Number.parseFloat(String(format?.start_time));
  return {
    ...{ width, height, pixelFormat, codec: String(stream.codec_name ?? "unknown"), timesS: times },
    startS: Number.isFinite(startS) ? startS : 0,
  };
}

function frameOut(pixelFormat: string): FrameOut {
  const deep = /(?:9|10|12|14|16)(?:le|be)$/.test(pixelFormat);
  const sampleType = deep ? "uint16" : "uint8";
  const notes = (words: string) => (words === "" ? [] : [words]);
  if (/^(?:gray|ya)/.test(pixelFormat))
    return {
      ...{ sampleType, samplesPerPixel: 1, filter: pixelFormat.startsWith("ya") ? "extractplanes=y" : null },
      ...{ pixelFormat: deep ? pixelFormat.replace(/be$/, "le").replace(/^ya/, "gray") : "gray", notes: [] },
    };
  if (/^(?:rgb|bgr|gbr|argb|abgr|0rgb|0bgr|pal8|x2rgb)/.test(pixelFormat))
    return {
      ...{ sampleType: "uint8", samplesPerPixel: 3, filter: null, pixelFormat: "rgb24" },
      notes: notes(deep ? "The video has more than 8 bits a colour; 8 are shown." : ""),
    };
  // Brightness as it is coded, neither stretched nor mixed with colour: grey film is coded so.
  const bits = /(9|10|12|14|16)(?:le|be)$/.exec(pixelFormat)?.[1];
  return {
    ...{ sampleType, samplesPerPixel: 1, filter: "extractplanes=y" },
    pixelFormat: bits === undefined ? "gray" : `gray${bits}le`,
    notes: notes(
      `Shown is the brightness of the video as it is coded (${pixelFormat}); its colours are not.`,
    ),
  };
}
