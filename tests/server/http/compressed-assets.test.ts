import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveCompressedAssets } from "#server/http/compressed-assets.ts";

const folder = mkdtempSync(join(tmpdir(), "lamella-assets-"));
const text = "export const answer = 42;\n".repeat(2000);
let server: Server;
let address: string;

beforeAll(async () => {
  writeFileSync(join(folder, "page-Ab_1.js"), text);
  const app = express().use("/assets", serveCompressedAssets(folder));
  app.use((_request, response) => void response.status(404).send("next"));
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/assets`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The bytes as they travel: fetch would decompress them. */
async function raw(path: string, encoding: string) {
  const { get } = await import("node:http");
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      get(`${address}${path}`, { headers: { "accept-encoding": encoding } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      }).on("error", reject);
    },
  );
}

describe("the built client travels compressed", () => {
  it.each([
    ["gzip, deflate, br", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
  ] as const)("accepting %s gets %s, for ever", async (accepted, encoding, decompress) => {
    for (let again = 0; again < 2; again++) {
      const { status, headers, body } = await raw("/page-Ab_1.js", accepted);
      expect(status).toBe(200);
      expect(headers["content-encoding"]).toBe(encoding);
      expect(headers["content-type"]).toMatch(/^text\/javascript/);
      expect(headers["cache-control"]).toMatch(/immutable/);
      expect(body.length).toBeLessThan(text.length / 20);
      expect(decompress(body).toString()).toBe(text);
    }
  });

  it.each(["/missing.js", "/../package.json", "/%2e%2e%2fsecret.js", "/.hidden.js", "/page-Ab_1.js.map"])(
    "hands on %s",
    async (path) => expect((await raw(path, "gzip")).status).toBe(404),
  );

  it("hands on whoever takes no compression", async () => {
    expect((await raw("/page-Ab_1.js", "identity")).status).toBe(404);
  });
});
