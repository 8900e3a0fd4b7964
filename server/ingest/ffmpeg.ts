import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { FormatError } from "#core/formats/reader.ts";
import { joinChunks } from "./join-chunks.ts";

/** What one run of the decoder may take. A file is made to harm, or far larger than a frame needs. */
const cpuSeconds = 120;
const wallMs = 180_000;
/** Address space: threads and libraries count, pixels are little of it. */
const memoryKib = 4 * 2 ** 20;
const mostErrorBytes = 4096;

export interface FfmpegLimits {
  readonly maxOutputBytes: number;
  /** Told while the program works: silence is what a hanging one is known by. */
  readonly onSign?: () => void;
}

/** Which programs are called: those of the path, or the ones that LAMELLA_FFMPEG and LAMELLA_FFPROBE name. */
const programs = {
  ffmpeg: () => process.env.LAMELLA_FFMPEG || "ffmpeg",
  ffprobe: () => process.env.LAMELLA_FFPROBE || "ffprobe",
} as const;

/**
 * Runs ffmpeg or ffprobe on one local file. It can open nothing but files (no network, no devices), is told which kind
 * of file it is (no playlists that name others), has no input, no environment, and limits on time and memory.
 *
 * @returns what it wrote
 * @throws FormatError "malformed" with its own words; "too-large" where it wrote more than announced
 */
export function runFfmpeg(
  program: keyof typeof programs,
  args: readonly string[],
  { maxOutputBytes, onSign }: FfmpegLimits,
): Promise<Uint8Array> {
  const command = programs[program]();
  const limited = process.platform !== "win32";
  const child = limited
    ? spawn(
        "/bin/sh",
        ["-c", `ulimit -t ${cpuSeconds} -v ${memoryKib} -c 0; exec "$0" "$@"`, command, ...args],
        options,
      )
    : spawn(command, [...args], options);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  let [bytes, words] = [0, ""];
  let refusal: FormatError | undefined;
  const stop = (error: FormatError) => {
    refusal ??= error;
    child.kill("SIGKILL");
  };
  const clock = setTimeout(
    () => stop(new FormatError("malformed", "Decoding this video took too long and was stopped.")),
    wallMs,
  );
  const sign = setInterval(() => onSign?.(), 1000);
  child.stdout!.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > maxOutputBytes)
      return stop(
        new FormatError("too-large", `The video gave more than the ${maxOutputBytes} bytes it announces.`),
      );
    chunks.push(chunk);
    onSign?.();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    if (words.length < mostErrorBytes) words += chunk.toString("latin1");
  });
  child.on("error", () =>
    reject(new FormatError("unsupported", `The decoder of video (${program}) could not be started.`)),
  );
  child.on("close", (code) => {
    clearTimeout(clock);
    clearInterval(sign);
    if (refusal) return reject(refusal);
    if (code === 0) return resolve(joinChunks(chunks, bytes));
    const said = words.trim().split("\n").at(-1)?.slice(0, 200) || "it stopped without a word";
    reject(
      new FormatError("malformed", `The video cannot be decoded (${plain(said)}). Copy or export it again.`),
    );
  });
  return promise;
}

const options = { stdio: ["ignore", "pipe", "pipe"], cwd: tmpdir(), env: { PATH: process.env.PATH } } as {
  stdio: ["ignore", "pipe", "pipe"];
  cwd: string;
  env: NodeJS.ProcessEnv;
};

/** Paths of this machine are nobody's business. */
const plain = (words: string) => words.replaceAll(/(?:file:)?\/[^\s'":]+/g, "the file");

let version: Promise<string | null> | undefined;

/** "5.1.9": asked once for each process; null where there is none. */
export function ffmpegVersion(): Promise<string | null> {
  version ??= Promise.all(
    (["ffmpeg", "ffprobe"] as const).map((program) =>
      runFfmpeg(program, ["-version"], { maxOutputBytes: 1 << 20 }),
    ),
  ).then(
    ([said]) => /version (\S+)/.exec(Buffer.from(said!).toString("latin1"))?.[1] ?? "unknown",
    () => null,
  );
  return version;
}
