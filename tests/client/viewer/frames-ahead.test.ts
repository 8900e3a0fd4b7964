import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchTile } from "#client/viewer/fetch-tile.ts";
import { FramePrefetch, framesAround } from "#client/viewer/prefetch-frames.ts";

describe("frames to fetch ahead", () => {
  it("in the direction of the hand first, one behind, none outside the stack", () => {
    expect(framesAround(5, 1, 20)).toEqual([6, 4, 7, 8, 9]);
    expect(framesAround(5, -1, 20)).toEqual([4, 6, 3, 2, 1]);
    expect(framesAround(0, 1, 3)).toEqual([1, 2]);
    expect(framesAround(2, 1, 3)).toEqual([1]);
  });
});

describe("tiles of frames that are not derived yet", () => {
  let server: Server;
  let base = "";
  /** Requests by path; /slow is there from the third request on, /never is not. */
  const asked = new Map<string, number>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url!;
      const times = (asked.get(path) ?? 0) + 1;
      asked.set(path, times);
      response.statusCode = path.startsWith("/broken")
        ? 500
        : path.startsWith("/slow") && times < 3
          ? 404
          : 200;
      response.end("tile");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("are asked for until they are there; another answer is no reason to wait", async () => {
    const never = new AbortController().signal;
    expect(await (await fetchTile(`${base}/slow/1`, never)).text()).toBe("tile");
    expect(asked.get("/slow/1")).toBe(3);
    await expect(fetchTile(`${base}/broken/1`, never)).rejects.toThrow("HTTP status 500");
    expect(asked.get("/broken/1")).toBe(1);
  });

  it("stop being asked for when nobody wants them any more", async () => {
    const stop = new AbortController();
    const fetched = fetchTile(`${base}/slow/2`, stop.signal);
    stop.abort();
    await expect(fetched).rejects.toThrow();
  });

  it("come once ahead of the hand", async () => {
    const prefetch = new FramePrefetch();
    prefetch.want([`${base}/a`, `${base}/b`, `${base}/c`]);
    await expect.poll(() => asked.get("/c")).toBe(1);
    prefetch.want([`${base}/d`]);
    await expect.poll(() => asked.get("/d")).toBe(1);
    prefetch.want([`${base}/a`, `${base}/e`]);
    await expect.poll(() => asked.get("/e")).toBe(1);
    expect(asked.get("/a")).toBe(1);
    prefetch.close();
  });
});
