import type { Raster } from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";

/** Containers of video that a decoder may be asked for, named for it alone: it opens nothing as another kind. */
export type VideoContainer = "avi" | "mov" | "matroska" | "asf";

/** The picture of a video, found out without decoding all of it. */
export interface VideoStream {
  readonly width: number;
  readonly height: number;
  readonly sampleType: "uint8" | "uint16";
  readonly samplesPerPixel: 1 | 3;
  /** When each frame is shown, seconds on the video's clock, rising: as irregular as it was recorded. */
  readonly timesS: readonly number[];
  readonly codec: string;
  readonly lossy: boolean;
  /** What a person should know of the decoding. */
  readonly notes: readonly string[];
  /** The frame as coded: no scaling, no turning, no colour management. */
  readFrame(frame: number): Promise<Raster>;
}

/** Decodes video: a program of the machine, where it has one. */
export interface VideoDecoder {
  /** @throws FormatError */
  open(container: VideoContainer, source: ByteSource): Promise<VideoStream>;
}
