import type { IncomingMessage, ServerResponse } from "node:http";
import { parseTilePath, type TileAddress } from "#core/protocol/tile-address.ts";
import type { TileAccess } from "./tile-access.ts";
import type { StoredTile, TileStore } from "./tile-store.ts";

export interface TileHandlerDeps {
  readonly tiles: TileStore;
  readonly tileAccess: (micrographId: string) => Promise<TileAccess | undefined>;
  /** Membership, from the session cookie or token of the request; cached by whoever provides it. */
  readonly maySee: (request: IncomingMessage, projectId: string) => boolean | Promise<boolean>;
  /** A frame that nobody has asked for before: have it derived. The tile is there when it is asked for again. */
  readonly requestFrame?: (micrographId: string, signal: string, frame: number) => Promise<void>;
}

const immutable = "private, max-age=31536000, immutable";

/**
 * Answers /tiles/… ahead of every middleware: a tile costs a map look-up and a read, not a chain of handlers.
 *
 * 404 alike for what is not there, not there yet, and not for this person: who may not see a micrograph does not
 * learn that it exists.
 *
 * @returns false where the path is not under /tiles/: the caller goes on
 */
export function createTileHandler(
  deps: TileHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const path = (request.url ?? "").split("?", 1)[0]!;
    if (!path.startsWith("/tiles/")) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return true;
    }
    const address = parseTilePath(path);
    try {
      const tile = address && (await findTile(deps, request, address));
      if (tile) send(request, response, tile);
      else response.writeHead(404, { "cache-control": "no-store" }).end();
    } catch (error) {
      console.error(`Tile ${path}:`, error);
      if (!response.headersSent) response.writeHead(500, { "cache-control": "no-store" }).end();
    }
    return true;
  };
}

interface Answer extends StoredTile {
  readonly type: string;
}

async function findTile(
  { tiles, tileAccess, maySee, requestFrame }: TileHandlerDeps,
  request: IncomingMessage,
  address: TileAddress,
): Promise<Answer | undefined> {
  const access = await tileAccess(address.micrographId);
  if (!access || !(await maySee(request, access.projectId))) return undefined;
  const signal = access.signals.find((s) => s.id === address.signal);
  // The derivation in the address must be this signal's: knowing a hash opens nobody else's pixels.
  if (!signal || signal.derivation !== address.derivation || address.frame >= access.frames) return undefined;
  const tile = {
    derivation: address.derivation,
    width: access.width,
    height: access.height,
    tileType: signal.tileType,
    frame: address.frame,
    level: address.level,
    column: address.column,
    row: address.row,
  };
  const found: Answer | undefined =
    address.form === "display"
      ? await displayTile(tiles, tile)
      : await nativeTile(tiles, tile, acceptsDeflate(request));
  if (!found && address.frame > 0) await requestFrame?.(address.micrographId, address.signal, address.frame);
  return found;
}

async function displayTile(tiles: TileStore, tile: Parameters<TileStore["display"]>[0]) {
  const bytes = await tiles.display(tile);
  return bytes && { bytes, encoding: "identity" as const, type: "image/jpeg" };
}

async function nativeTile(tiles: TileStore, tile: Parameters<TileStore["native"]>[0], deflate: boolean) {
  const found = await tiles.native(tile, deflate);
  return found && { ...found, type: "application/octet-stream" };
}

function acceptsDeflate(request: IncomingMessage): boolean {
  return /(^|[\s,])deflate($|[\s,])|deflate;q=(1|0?\.[1-9])/.test(
    String(request.headers["accept-encoding"] ?? ""),
  );
}

function send(request: IncomingMessage, response: ServerResponse, { bytes, encoding, type }: Answer): void {
  response.writeHead(200, {
    "content-type": type,
    "content-length": bytes.length,
    "cache-control": immutable,
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    ...(type === "application/octet-stream" ? { vary: "accept-encoding" } : {}),
    ...(encoding === "deflate" ? { "content-encoding": "deflate" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
