import { type Request, Router } from "express";
import type { Right } from "#core/protocol/roles.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { Ingest } from "./ingest.ts";
import type { MicrographCatalogue } from "./micrograph-catalogue.ts";

export interface MicrographRouteDeps {
  readonly ingest: Ingest;
  readonly catalogue: MicrographCatalogue;
  readonly blobs: BlobStore;
  /** @throws the caller's own refusal (not signed in, no right, no such project); @returns who asks */
  requireRight(request: Request, projectId: string, right: Right): Promise<{ readonly principalId: string }>;
}

/** Everything under /api/v1 that brings files in and tells about sources and micrographs. Mount at "/api/v1". */
export function createMicrographRoutes(_deps: MicrographRouteDeps): Router {
  return Router();
}
