import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createRandom } from "#core/random/generator.ts";
import { readWholeFrames } from "#server/sync/frame-reader.ts";

const seed = Number(process.env.SEED ?? 3);

interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

/** As a browser sends it: masked. */
function encode({ opcode, isFinal, payload }: Frame, mask: Buffer): Buffer {
  const length = payload.length;
  const header =
    length < 126
      ? Buffer.from([0, length])
      : length < 65_536
        ? Buffer.from([0, 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0, 127]), bigEndian(length)]);
  header[0] = (isFinal ? 0x80 : 0) | opcode;
  header[1]! |= 0x80;
  return Buffer.concat([header, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}

function bigEndian(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

/** A socket of ws in a server, and the bare TCP connection that a client writes to. */
async function connection(maxPayload: number) {
  const http = createServer();
  const server = new WebSocketServer({ server: http, maxPayload });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const client = connect((http.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => {
    client.destroy();
    server.close();
    http.close();
  });
  client.write(
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  client.resume();
  const [webSocket] = (await once(server, "connection")) as [WebSocket];
  return { client, webSocket };
}

it(`reads every message once and in order, however frames and chunks are cut (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => integer(256)));
  const { client, webSocket } = await connection(70_000);
  const heard: string[] = [];
  let readHere = 0;
  let pings = 0;
  let caughtUp = () => {};
  const hear = (message: Buffer) => {
    heard.push(message.toString("base64"));
    if (heard.length === said.length) caughtUp();
  };
  webSocket.on("message", (data) => hear(data as Buffer));
  webSocket.on("ping", () => pings++);
  readWholeFrames(webSocket, 70_000, (message) => {
    readHere++;
    hear(message);
  });

  const said: string[] = [];
  let sentPings = 0;
  const closed = once(webSocket, "close");
  for (let burst = 0; burst < 200; burst++) {
    const frames: Buffer[] = [];
    for (let i = integer(8); i >= 0; i--) {
      const payload = bytes(random() < 0.01 ? 66_000 + integer(9) : integer(random() < 0.1 ? 700 : 9));
      said.push(payload.toString("base64"));
      const cut = random() < 0.1 ? integer(payload.length) : 0;
      if (cut > 0) {
        frames.push(encode({ opcode: 2, isFinal: false, payload: payload.subarray(0, cut) }, bytes(4)));
        if (random() < 0.5) {
          sentPings++;
          frames.push(encode({ opcode: 9, isFinal: true, payload: bytes(3) }, bytes(4)));
        }
      }
      frames.push(
        encode({ opcode: cut > 0 ? 0 : 2, isFinal: true, payload: payload.subarray(cut) }, bytes(4)),
      );
    }
    const whole = Buffer.concat(frames);
    const arrived = new Promise<void>((resolve) => (caughtUp = resolve));
    const cut = random() < 0.5 ? integer(whole.length) : 0;
    client.write(whole.subarray(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    client.write(whole.subarray(cut));
    // What is sent without waiting, the kernel joins with what follows.
    if (random() < 0.8) await arrived;
  }
  client.write(encode({ opcode: 8, isFinal: true, payload: Buffer.from([0x03, 0xe8]) }, bytes(4)));
  const [code] = await closed;
  expect(code).toBe(1000);
  expect(heard).toEqual(said);
  expect(pings).toBe(sentPings);
  expect(readHere).toBeGreaterThan(50);
});

it.each([
  ["without a mask", Buffer.from([0x82, 0x01, 0x00])],
  ["with a reserved bit", Buffer.from([0xc2, 0x80, 1, 2, 3, 4])],
  ["with an opcode that does not exist", Buffer.from([0x83, 0x80, 1, 2, 3, 4])],
  ["that is too long", Buffer.concat([Buffer.from([0x82, 0xfe, 1, 1, 1, 2, 3, 4]), Buffer.alloc(257)])],
])("leaves a frame %s to ws, which ends the socket", async (_what, frame) => {
  const { client, webSocket } = await connection(256);
  const heard: number[] = [];
  readWholeFrames(webSocket, 256, (message) => heard.push(message.length));
  const failed = once(webSocket, "error");
  const good = encode({ opcode: 2, isFinal: true, payload: Buffer.from([7]) }, Buffer.from([1, 2, 3, 4]));
  client.write(Buffer.concat([good, frame, good]));
  await failed;
  expect(heard).toEqual([1]);
});
