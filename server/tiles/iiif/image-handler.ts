import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ValueWindow } from "#core/pyramid/display-window.ts";
import { createByteCache } from "#server/tiles/byte-cache.ts";
import { openToOtherSites } from "#server/tiles/other-sites.ts";
import type { PictureAccess } from "#server/tiles/tile-access.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import { createTurns } from "../turns.ts";
import { imageContext, imageInfo, imageProfile } from "./image-info.ts";
import { canonicalAddress, ImageRequestError, readImageRequest } from "./image-request.ts";
import { type ManifestFacts, manifestOf, presentationContext } from "./manifest.ts";
import { type Picture, renderImage } from "./render-image.ts";

export interface ImageHandlerDeps {
  readonly tiles: TileStore;
  readonly pictureAccess: (micrographId: string) => Promise<PictureAccess | undefined>;
  readonly paletteOf: (derivation: string) => Promise<Uint8Array | undefined>;
  /** Undefined where nobody is signed in; else whether this person sees the project. */
  readonly maySee: (request: IncomingMessage, projectId: string | undefined) => Promise<boolean | undefined>;
  readonly requestFrame: (micrographId: string, signal: string, frame: number) => Promise<void>;
  /** What a manifest says of a micrograph that somebody may see. */
  readonly manifestFacts: (micrographId: string) => Promise<ManifestFacts | undefined>;
  /** "https://lamella.example.org": what addresses in answers begin with. */
  readonly originOf: (request: IncomingMessage) => string;
}

const prefix = "/iiif/3/";
/** A micrograph, or one of its signals, or one frame of one: "id", "id.1", "id.0.12". */
const identifier = /^([A-Za-z0-9_-]{8,40})(?:\.(\d{1,3})(?:\.(\d{1,6}))?)?$/;
const rendersAtATime = 2;
const mostWaiting = 64;
const cacheBytes = 64 * 2 ** 20;

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * The IIIF Image API 3.0, level 2, at /iiif/3/…: any viewer that knows it shows micrographs in their default window.
 * manifest.json beside info.json is the micrograph as a IIIF Presentation 3.0 manifest.
 *
 * Nobody signed in and no token: 401. For what somebody may not see: 404, as for what is not there.
 *
 * @returns false where the path is not under /iiif/: the caller goes on
 */
export function createImageHandler(deps: ImageHandlerDeps) {
  const rendered = createByteCache<Uint8Array>(cacheBytes);
  const turns = createTurns(rendersAtATime);

  const findPicture = async (request: IncomingMessage, id: string): Promise<Picture | Answer> => {
    const [, micrographId, signalId = "0", frameText = "0"] = identifier.exec(id) ?? [];
    const access = micrographId === undefined ? undefined : await deps.pictureAccess(micrographId);
    const allowed = await deps.maySee(request, access?.projectId);
    if (allowed === undefined) {
      return refusal(401, "Sign in, or send `Authorization: Bearer TOKEN`.", {
        "www-authenticate": 'Bearer realm="Lamella"',
      });
    }
    const frame = Number(frameText);
    const signal = access?.signals.find((s) => s.id === signalId);
    if (!allowed || !access || !signal?.derivation || frame >= access.frames) {
      return noSuchImage;
    }
    const { width, height } = access;
    const { derivation } = signal;
    const palette = signal.tileType === "u8" ? await deps.paletteOf(derivation) : undefined;
    return { width, height, frame, signal: { ...signal, derivation }, palette };
  };

  const answerImage = async (
    request: IncomingMessage,
    id: string,
    picture: Picture,
    parts: readonly string[],
    isWanted: () => boolean,
  ): Promise<Answer> => {
    const [region, size, rotation, last] = parts as [string, string, string, string];
    const [, quality = "", format = ""] = /^([a-z]+)\.([a-z0-9]+)$/.exec(last) ?? [];
    const { width, height, signal, frame } = picture;
    const asked = readImageRequest({ region, size, rotation, quality, format }, width, height);
    const canonical = canonicalAddress(asked, width, height);
    const shown = picture.window ?? signal.window;
    const look = JSON.stringify([signal.derivation, frame, shown, signal.invert, canonical]);
    const etag = `"${createHash("sha256").update(look).digest("base64url").slice(0, 24)}"`;
    const headers = {
      etag,
      // The address names no content: it is asked again, and mostly answered by 304.
      "cache-control": "private, max-age=3600",
      link: `<${imageProfile}>;rel="profile", <${deps.originOf(request)}${prefix}${id}/${canonical}>;rel="canonical"`,
    };
    if (request.headers["if-none-match"]?.split(/\s*,\s*/).includes(etag)) return { status: 304, headers };
    let bytes = rendered.get(etag);
    if (!bytes) {
      if (turns.waiting >= mostWaiting)
        return refusal(503, "Too many images are asked for at once.", { "retry-after": "2" });
      const made = await turns.take(async () =>
        isWanted() ? renderImage(deps.tiles, picture, asked) : undefined,
      );
      bytes = made;
      if (bytes) rendered.set(etag, bytes, bytes.length);
    }
    if (!bytes) {
      const [micrographId] = id.split(".") as [string];
      if (frame > 0 && isWanted()) await deps.requestFrame(micrographId, signal.id, frame);
      return refusal(503, "This frame is being prepared.", { "retry-after": "2" });
    }
    const type = format === "png" ? "image/png" : "image/jpeg";
    return { status: 200, headers: { ...headers, "content-type": type }, body: bytes };
  };

  const answer = async (request: IncomingMessage, path: string, isWanted: () => boolean): Promise<Answer> => {
    const parts = path.slice(prefix.length).split("/");
    const id = decode(parts[0]!);
    const found = path.startsWith(prefix) ? await findPicture(request, id) : undefined;
    if (!found) return noSuchImage;
    if ("status" in found) return found;
    const window = readWindow(request.url);
    if (window === "wrong")
      return refusal(400, "Expected ?window=LOW,HIGH, two recorded values, the lower first.");
    const picture = window ? { ...found, window } : found;
    const origin = deps.originOf(request);
    const address = `${origin}${prefix}${id}`;
    if (parts.length === 1 || (parts.length === 2 && parts[1] === "")) {
      return { status: 303, headers: { location: `${address}/info.json` } };
    }
    if (parts.length === 2 && parts[1] === "info.json") {
      const info = imageInfo(address, picture.width, picture.height);
      return describe(request, imageContext, info, { link: `<${imageProfile}>;rel="profile"` });
    }
    if (parts.length === 2 && parts[1] === "manifest.json") {
      const facts = await deps.manifestFacts(id.split(".")[0]!);
      return facts ? describe(request, presentationContext, manifestOf(origin, id, facts)) : noSuchImage;
    }
    if (parts.length !== 5)
      return refusal(400, "Expected /region/size/rotation/quality.format or /info.json.");
    try {
      return await answerImage(request, id, picture, parts.slice(1).map(decode), isWanted);
    } catch (error) {
      if (error instanceof ImageRequestError) return refusal(400, error.message);
      throw error;
    }
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const path = (request.url ?? "").split("?", 1)[0]!;
    if (!path.startsWith("/iiif/")) return false;
    if (openToOtherSites(request, response)) return true;
    response.setHeader("cross-origin-resource-policy", "same-origin");
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("vary", "accept");
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") {
      send(response, "GET", refusal(405, "Images are only read.", { allow: "GET, HEAD, OPTIONS" }));
    } else send(response, method, await answer(request, path, () => !response.destroyed));
    return true;
  };
}

/**
 * "?window=LOW,HIGH" behind an image's address: the recorded values shown black and white, for viewers that cannot
 * window themselves. No part of the specification; whoever does not send it sees the signal's own window.
 */
function readWindow(url = ""): ValueWindow | "wrong" | undefined {
  const asked = new URL(url, "http://localhost").searchParams.get("window");
  if (asked === null) return undefined;
  const [low = "", high = "", ...more] = asked.split(",");
  const window = { low: Number(low), high: Number(high) };
  const isRight = low !== "" && high !== "" && more.length === 0 && window.high > window.low;
  return isRight && Number.isFinite(window.high - window.low) ? window : "wrong";
}

function describe(
  request: IncomingMessage,
  context: string,
  description: object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const linked = String(request.headers.accept ?? "").includes("application/ld+json");
  return {
    status: 200,
    headers: {
      "content-type": linked ? `application/ld+json;profile="${context}"` : "application/json",
      "cache-control": "private, no-cache",
      ...headers,
    },
    body: JSON.stringify(description),
  };
}

function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify({ error: { message } }),
  };
}

function send(response: ServerResponse, method: "GET" | "HEAD", { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  const length: Record<string, number> =
    body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(method === "HEAD" ? undefined : body);
}

const noSuchImage = refusal(404, "There is no such image.");

/** One part of a path; what is not valid is nothing's name. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
