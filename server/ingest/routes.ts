import { type Request, type Response, Router } from "express";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Right } from "#core/protocol/roles.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { deepZoomDescriptor, deepZoomTile } from "#server/tiles/deep-zoom.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { Ingest } from "./ingest.ts";
import { originalKey } from "./read-source.ts";
import { createUploads, type Uploads, uploadMetadata } from "./uploads.ts";

export interface MicrographRouteDeps {
  readonly ingest: Ingest;
  readonly blobs: BlobStore;
  readonly tiles: TileStore;
  /** Made from the ingest where none is given. */
  readonly uploads?: Uploads;
  /** @throws the caller's own refusal (not signed in, no right, no such project); @returns who asks */
  requireRight(request: Request, projectId: string, right: Right): Promise<{ readonly principalId: string }>;
}

export class NotFound extends DomainError<"not-found"> {
  constructor(what: string) {
    super("not-found", `There is no such ${what}, or it is not shared with you.`);
  }
}

/**
 * Everything under /api/v1 that brings files in and tells about sources and micrographs. Mount at "/api/v1", without a
 * body parser before it. What a person may not see is answered like what is not there: by `requireRight`.
 */
export function createMicrographRoutes(deps: MicrographRouteDeps): Router {
  const { ingest, blobs, tiles, requireRight } = deps;
  const { catalogue } = ingest;
  const uploads = deps.uploads ?? createUploads(ingest);
  const router = Router();

  const micrographFor = async (request: Request, right: Right) => {
    const micrograph = await catalogue.micrograph(param(request, "id"));
    if (!micrograph) throw new NotFound("micrograph");
    await requireRight(request, micrograph.projectId, right);
    return micrograph;
  };
  const sourceFor = async (request: Request, right: Right) => {
    const source = await catalogue.source(param(request, "id"));
    if (!source) throw new NotFound("source");
    await requireRight(request, source.projectId, right);
    return source;
  };
  /** The signal and frame that ?signal= and ?frame= name; the first of each where they do not. */
  const frameFor = async (request: Request) => {
    const micrograph = await micrographFor(request, "see");
    const signalId = query(request, "signal") ?? "0";
    const signal = micrograph.signals.find((s) => s.id === signalId);
    const frame = Number(query(request, "frame") ?? "0");
    if (!signal?.derivation || !Number.isInteger(frame) || frame < 0 || frame >= micrograph.frames) {
      throw new NotFound("picture");
    }
    return { micrograph, signal, derivation: signal.derivation, frame };
  };

  router.post("/projects/:id/micrographs", async (request, response) => {
    const projectId = param(request, "id");
    const { principalId } = await requireRight(request, projectId, "annotate");
    const announced = request.headers["content-length"];
    const accepted = await ingest.ingestStream(request, {
      projectId,
      principalId,
      fileName: query(request, "name") ?? "unnamed",
      ...(announced === undefined ? {} : { announcedBytes: Number(announced) }),
    });
    response.status(201).json({ source: accepted.sourceId, status: accepted.status });
  });

  const handleUpload = async (request: Request, response: Response, principalId: string) => {
    // The protocol's server compares whole paths; a mounted router has cut the front off.
    request.url = request.originalUrl;
    await uploads.handle(request, response, principalId);
  };
  router.post("/uploads", async (request, response) => {
    const projectId = uploadMetadata(request.get("upload-metadata")).get("projectId");
    if (!projectId) throw new DomainError("invalid", "Expected projectId in the upload's metadata.");
    const { principalId } = await requireRight(request, projectId, "annotate");
    await handleUpload(request, response, principalId);
  });
  // GET is not among them: it would hand out originals to whoever may annotate.
  for (const method of ["head", "patch", "delete"] as const) {
    router[method]("/uploads/:id", async (request, response) => {
      const facts = await uploads.facts(param(request, "id"));
      if (!facts) throw new NotFound("upload");
      const { principalId } = await requireRight(request, facts.projectId, "annotate");
      if (principalId !== facts.principalId) throw new NotFound("upload");
      await handleUpload(request, response, principalId);
    });
  }

  router.get("/sources/:id", async (request, response) => {
    response.json(await sourceFor(request, "see"));
  });

  router.get("/sources/:id/original", async (request, response) => {
    const source = await sourceFor(request, "download-originals");
    if (!source.sha256) throw new NotFound("original");
    const body = blobs.stream(originalKey(source.sha256));
    response.set({
      "content-type": "application/octet-stream",
      "content-length": String(source.bytes),
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(source.fileName)}`,
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
    });
    body.on("error", (error) => response.destroy(error));
    response.on("close", () => body.destroy());
    body.pipe(response);
  });

  router.get("/micrographs/:id", async (request, response) => {
    response.json(await micrographFor(request, "see"));
  });

  router.get("/micrographs/:id/tags", async (request, response) => {
    const { id } = await micrographFor(request, "see");
    response.json((await catalogue.tags(id)) ?? null);
  });

  router.get("/micrographs/:id/thumbnail.jpg", async (request, response) => {
    const { derivation, frame } = await frameFor(request);
    const key = derivedKeys.thumbnail(derivation, frame);
    const bytes = await blobs.size(key);
    if (bytes === undefined) throw new NotFound("thumbnail");
    sendPicture(response, await blobs.read(key, 0, bytes));
  });

  router.get("/micrographs/:id/image.dzi", async (request, response) => {
    const { micrograph } = await frameFor(request);
    response
      .set({ "content-type": "application/xml", "cache-control": "private, no-cache" })
      .send(deepZoomDescriptor(micrograph.width, micrograph.height));
  });

  router.get("/micrographs/:id/image_files/:level/:tile", async (request, response) => {
    const place = /^(\d{1,5})_(\d{1,5})\.jpg$/.exec(param(request, "tile"));
    const level = /^\d{1,2}$/.test(param(request, "level")) ? Number(param(request, "level")) : Number.NaN;
    if (!place || Number.isNaN(level)) throw new NotFound("tile");
    const { micrograph, signal, derivation, frame } = await frameFor(request);
    const { width, height } = micrograph;
    const { tileType } = signal;
    const [column, row] = [Number(place[1]), Number(place[2])];
    const tile = { derivation, width, height, tileType, frame, deepZoomLevel: level, column, row };
    const bytes = await deepZoomTile(tiles, tile);
    if (!bytes) {
      if (frame > 0) await ingest.requestFrame(micrograph.id, signal.id, frame);
      throw new NotFound("tile");
    }
    sendPicture(response, bytes);
  });

  return router;
}

function sendPicture(response: Response, bytes: Uint8Array): void {
  response
    .set({
      "content-type": "image/jpeg",
      // Addresses without a content hash: kept for a while, then asked again.
      "cache-control": "private, max-age=3600",
      "x-content-type-options": "nosniff",
    })
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function param(request: Request, name: string): string {
  return String(request.params[name] ?? "");
}

function query(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === "string" ? value : undefined;
}
