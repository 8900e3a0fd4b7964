import { expect } from "vitest";
import { admin, json, type TestServer, type Visitor } from "./running-server.ts";

interface Sending {
  readonly name?: string;
  /** The administrator, where nothing else is said. */
  readonly as?: Visitor;
}

/** Gives a file to a project over the API, as a page does; nothing is waited for. */
export function sendFile(
  server: TestServer,
  projectId: string,
  bytes: Uint8Array,
  { name = "a.tif", as = admin }: Sending = {},
): Promise<Response> {
  const query = new URLSearchParams({ name });
  return fetch(`${server.url}/api/v1/projects/${projectId}/micrographs?${query}`, {
    method: "POST",
    headers: { ...as, "content-type": "application/octet-stream" },
    body: new Uint8Array(bytes),
  });
}

/** A file that was taken in and is ready: its source, and the first micrograph in it. */
export async function sentMicrograph(
  server: TestServer,
  projectId: string,
  bytes: Uint8Array,
  sending: Sending = {},
): Promise<{ readonly sourceId: string; readonly micrographId: string }> {
  const sent = sendFile(server, projectId, bytes, sending);
  const { source: sourceId } = await json<{ source: string }>(sent);
  expect(await server.ingest.settled(sourceId)).toBe("ready");
  const { micrographs } = (await server.ingest.catalogue.source(sourceId))!;
  return { sourceId, micrographId: micrographs[0]! };
}
