import { createReadStream } from "node:fs";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Request } from "express";
import { z } from "zod";
import { DomainError } from "#core/errors/domain-error.ts";
import { id, micrograph, source, uploadAccepted } from "#core/protocol/api/shapes.ts";
import type { Access } from "#server/access/access.ts";
import { notFound } from "#server/access/access.ts";
import type { Intake } from "#server/access/intake.ts";
import { type Route, route } from "#server/http/route.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { StorageError } from "#server/storage/storage-error.ts";
import { deepZoomDescriptor, deepZoomTile } from "#server/tiles/deep-zoom.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { Ingest } from "./ingest.ts";
import { originalKey } from "./read-source.ts";
import { sendOriginal } from "./send-original.ts";
import { stackPlaceOf, type Uploads, uploadMetadata } from "./uploads.ts";

export interface MicrographRouteDeps {
  readonly ingest: Ingest;
  readonly uploads: Uploads;
  readonly blobs: BlobStore;
  readonly tiles: TileStore;
  readonly access: Pick<Access, "require">;
  /** Asked before a byte of a file is taken. */
  readonly intake: Pick<Intake, "reserve">;
}

const byId = z.object({ id });
/** Which picture of a micrograph; the first signal and frame where nothing is said. */
const which = z.object({
  signal: z.string().max(8).optional(),
  frame: z.coerce.number().int().min(0).optional(),
});

/** Everything under /api/v1 that brings files in and tells about sources and micrographs. */
export function createMicrographRoutes(deps: MicrographRouteDeps): readonly Route[] {
  return [...uploadRoutes(deps), ...sourceRoutes(deps), ...micrographRoutes(deps), ...pictureRoutes(deps)];
}

/** The project that a source, a micrograph or an upload belongs to: what its rights are asked of. */
export async function locateMicrographRecord(
  { ingest: { catalogue }, uploads }: Pick<MicrographRouteDeps, "ingest" | "uploads">,
  place: "micrograph" | "source" | "upload",
  recordId: string,
): Promise<string | undefined> {
  if (place === "source") return (await catalogue.source(recordId))?.projectId;
  if (place === "upload") return (await uploads.facts(recordId))?.projectId;
  return (await catalogue.tileAccess(recordId))?.projectId;
}

function uploadRoutes({ ingest, uploads, access, intake }: MicrographRouteDeps): readonly Route[] {
  const resumable = (
    request: Request,
    response: ServerResponse,
    principalId: string,
    onBegun?: () => void,
  ) => {
    // The protocol's server compares whole paths; a mounted router has cut the front off.
    request.url = request.originalUrl;
    return uploads.handle(request, response, principalId, onBegun);
  };
  const part = (method: "head" | "patch" | "delete", summary: string) =>
    route({
      method,
      path: "/uploads/:id",
      summary,
      needs: { right: "annotate", in: "upload" },
      params: byId,
      answerType: "application/offset+octet-stream",
      ...(method === "patch" ? { bodyType: "application/offset+octet-stream" } : {}),
      async handle({ params, caller }, { request, response }) {
        const facts = await uploads.facts(params.id);
        if (facts?.principalId !== caller.principal.id) throw notFound();
        await resumable(request, response, caller.principal.id);
      },
    });

  return [
    route({
      method: "post",
      path: "/projects/:id/micrographs",
      summary:
        "Send a file: its bytes are the body, their Repr-Digest (sha-256) is checked where it is sent.",
      needs: { right: "annotate", in: "project" },
      params: byId,
      query: z.object({ name: z.string().min(1).max(1000), stack: z.string().max(1000).optional() }),
      bodyType: "application/octet-stream",
      status: 201,
      answer: uploadAccepted,
      async handle({ projectId, caller, query }, { request }) {
        const announced = request.headers["content-length"];
        const place = await intake.reserve(projectId, caller.principal.id, Number(announced ?? 0));
        try {
          const body = bodyOf(request, announced === undefined ? place.grow : null);
          const { sourceId, status } = await ingest.ingestStream(body, {
            projectId,
            principalId: caller.principal.id,
            fileName: query.name,
            ...stackPlaceOf(query.stack),
            ...(announced === undefined ? {} : { announcedBytes: Number(announced) }),
            ...announcedDigest(request.get("repr-digest")),
          });
          return { source: sourceId, status };
        } finally {
          place.release();
        }
      },
    }),
    route({
      method: "post",
      path: "/uploads",
      summary:
        "Begin a resumable upload (tus 1.0); metadata: filename, projectId; sha256 (hex) is checked at its end.",
      needs: "signed-in",
      answerType: "application/offset+octet-stream",
      status: 201,
      async handle({ caller }, { request, response }) {
        const projectId = uploadMetadata(request.get("upload-metadata")).get("projectId");
        if (!projectId) throw new DomainError("invalid", "Expected projectId in the header Upload-Metadata.");
        await access.require(caller, projectId, "annotate");
        const bytes = Number(request.get("upload-length") ?? Number.NaN);
        if (!Number.isSafeInteger(bytes) || bytes < 0)
          throw new DomainError("invalid", "Expected the file's length in the header Upload-Length.");
        // Until the upload itself is on record, which then counts for as long as it is under way.
        const place = await intake.reserve(projectId, caller.principal.id, bytes);
        try {
          await resumable(request, response, caller.principal.id, place.release);
        } finally {
          place.release();
        }
      },
    }),
    // There is no GET: it would hand originals to whoever may annotate.
    part("head", "How much of an upload has arrived."),
    part("patch", "Continue an upload."),
    part("delete", "Give an upload up."),
  ];
}

function sourceRoutes({ ingest: { catalogue, inPlace }, blobs }: MicrographRouteDeps): readonly Route[] {
  return [
    route({
      method: "get",
      path: "/sources/:id",
      summary: "A file: how far it is, its micrographs, and what else it holds.",
      needs: { right: "see", in: "source" },
      params: byId,
      answer: source,
      async handle({ params, standing }) {
        await inPlace.check(params.id);
        const found = (await catalogue.source(params.id)) ?? fail();
        const place = found.place && {
          ...found.place,
          path: standing.rights.has("manage") ? found.place.path : null,
        };
        return { ...found, place: place ?? null };
      },
    }),
    route({
      method: "get",
      path: "/sources/:id/original",
      summary: "The file as it was uploaded, byte for byte.",
      needs: { right: "download-originals", in: "source" },
      params: byId,
      answerType: "application/octet-stream",
      async handle({ params }, { response }) {
        const { sha256, fileName } = (await catalogue.source(params.id)) ?? fail();
        if (!sha256) throw notFound();
        // Asked first: a file that is gone is told so, not broken off in the middle of an answer.
        const kept = await blobs.size(originalKey(sha256));
        const place = kept === undefined ? await inPlace.locate(sha256) : undefined;
        const bytes = kept ?? place?.bytes;
        if (bytes === undefined) {
          throw new StorageError(
            "missing",
            `The bytes of "${fileName}" are not in the store. Tell your administrator to run \`lamella verify\` and restore the backup.`,
          );
        }
        const body: Readable = place ? createReadStream(place.path) : blobs.stream(originalKey(sha256));
        sendOriginal(response, body, { fileName, bytes });
      },
    }),
  ];
}

function micrographRoutes({ ingest: { catalogue } }: MicrographRouteDeps): readonly Route[] {
  return [
    route({
      method: "get",
      path: "/micrographs/:id",
      summary: "A micrograph: size, signals, calibration, acquisition, state.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: micrograph,
      async handle({ params }) {
        return (await catalogue.micrograph(params.id)) ?? fail();
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/tags",
      summary: "All tags of the vendor, as they stood in the file.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: z.unknown(),
      async handle({ params }) {
        return (await catalogue.tags(params.id)) ?? null;
      },
    }),
  ];
}

function pictureRoutes({ ingest, blobs, tiles }: MicrographRouteDeps): readonly Route[] {
  const { catalogue } = ingest;
  const frameFor = async (micrographId: string, { signal = "0", frame = 0 }: z.output<typeof which>) => {
    const found = (await catalogue.tileAccess(micrographId)) ?? fail();
    const { derivation, tileType } = found.signals.find((s) => s.id === signal) ?? fail();
    if (derivation === null || frame >= found.frames) throw notFound();
    return { width: found.width, height: found.height, tileType, derivation, frame, signal };
  };

  return [
    route({
      method: "get",
      path: "/micrographs/:id/thumbnail.jpg",
      summary: "A picture of at most 480 px, in the default window.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: which.extend({ v: z.string().max(64).optional() }),
      answerType: "image/jpeg",
      async handle({ params, query }, { response }) {
        const { derivation, frame } = await frameFor(params.id, query);
        const key = derivedKeys.thumbnail(derivation, frame);
        const bytes = (await blobs.size(key)) ?? fail();
        sendPicture(response, await blobs.read(key, 0, bytes));
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/image.dzi",
      summary: "The display levels as a Deep Zoom image.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: which,
      answerType: "application/xml",
      async handle({ params, query }, { response }) {
        const { width, height } = await frameFor(params.id, query);
        response.set({ "content-type": "application/xml", "cache-control": "private, no-cache" });
        response.send(deepZoomDescriptor(width, height));
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/image_files/:level/:tile",
      summary: "A tile of the Deep Zoom image.",
      needs: { right: "see", in: "micrograph" },
      params: byId.extend({
        level: z.string().regex(/^\d{1,2}$/),
        tile: z.string().regex(/^\d{1,5}_\d{1,5}\.jpg$/),
      }),
      query: which,
      answerType: "image/jpeg",
      async handle({ params, query }, { response }) {
        const picture = await frameFor(params.id, query);
        const [column, row] = params.tile.slice(0, -4).split("_").map(Number) as [number, number];
        const bytes = await deepZoomTile(tiles, {
          ...picture,
          deepZoomLevel: Number(params.level),
          column,
          row,
        });
        if (!bytes && picture.frame > 0) await ingest.requestFrame(params.id, picture.signal, picture.frame);
        sendPicture(response, bytes ?? fail());
      },
    }),
  ];
}

/**
 * A request's body as a stream of its own. Where it is refused on the way, the rest of the request is read and dropped:
 * destroyed with it, the answer that says why would never arrive.
 *
 * @param grow asked as a body of unknown length grows
 */
function bodyOf(request: Readable, grow: ((bytes: number) => Promise<void>) | null): Readable {
  const chunks: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  return Readable.from(
    (async function* () {
      let bytes = 0;
      try {
        for await (const chunk of chunks) {
          await grow?.((bytes += chunk.length));
          yield chunk;
        }
      } finally {
        request.resume();
      }
    })(),
    { objectMode: false },
  );
}

/** SHA-256 of the body as RFC 9530 announces it: "sha-256=:base64:". Other digests are passed over. */
function announcedDigest(header: string | undefined): { readonly announcedSha256?: string } {
  const digest = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/i.exec(header ?? "")?.[1];
  return digest === undefined ? {} : { announcedSha256: Buffer.from(digest, "base64").toString("hex") };
}

function fail(): never {
  throw notFound();
}

function sendPicture(
  response: { set(fields: object): { send(body: Buffer): unknown } },
  bytes: Uint8Array,
): void {
  response
    .set({
      "content-type": "image/jpeg",
      // The address carries no content hash: kept for a while, then asked again.
      "cache-control": "private, max-age=3600",
      "x-content-type-options": "nosniff",
    })
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
