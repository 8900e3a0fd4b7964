import type { IncomingMessage, ServerResponse } from "node:http";
import type { TileAccess } from "#server/ingest/micrograph-catalogue.ts";
import type { TileStore } from "./tile-store.ts";

export interface TileHandlerDeps {
  readonly tiles: TileStore;
  readonly tileAccess: (micrographId: string) => Promise<TileAccess | undefined>;
  /** Membership, from the session cookie or token of the request; cached by whoever provides it. */
  readonly maySee: (request: IncomingMessage, projectId: string) => boolean | Promise<boolean>;
}

/** Answers /tiles/… ahead of every middleware. @returns false where the path is not a tile's: the caller goes on. */
export function createTileHandler(
  _deps: TileHandlerDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async () => false;
}
