import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import * as Y from "yjs";
import { type ClientHello, messageTypes, type Refusal, type ServerHello } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";

/** A room server reduced to what a session can notice: it speaks the protocol, and does what the test tells it. */
export interface RoomServerDouble {
  readonly url: string;
  readonly doc: Y.Doc;
  readonly hellos: ClientHello[];
  readonly paths: string[];
  /** While true, frames are applied and not acknowledged. */
  holdAcks: boolean;
  mayWrite: boolean;
  epoch: string;
  /** Refuse the next frame with content. */
  refuseNext: Refusal | null;
  /** Close every new socket at once with this code. */
  closeWith: number | null;
  /** Send the acknowledgements that were held back. */
  acknowledge(): void;
  dropSockets(): void;
  stop(): Promise<void>;
}

export async function startRoomServer(): Promise<RoomServerDouble> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  const open = new Map<ServerSocket, { frames: number; readonly path: string }>();
  const doc = new Y.Doc();
  const double: RoomServerDouble = {
    url: "",
    doc,
    hellos: [],
    paths: [],
    holdAcks: false,
    mayWrite: true,
    epoch: "epoch-one",
    refuseNext: null,
    closeWith: null,
    acknowledge() {
      for (const [socket, { frames }] of open)
        send(socket, messageTypes.ack, (e) => encoding.writeVarUint(e, frames));
    },
    dropSockets() {
      for (const socket of open.keys()) socket.terminate();
    },
    async stop() {
      double.dropSockets();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    for (const socket of open.keys()) if (socket !== origin) sendSync(socket, 2, update);
  });
  sockets.on("connection", (socket, request) => {
    double.paths.push(request.url ?? "");
    if (double.closeWith !== null) {
      socket.close(double.closeWith);
      return;
    }
    open.set(socket, { frames: 0, path: request.url ?? "" });
    socket.on("close", () => open.delete(socket));
    socket.on("message", (data: Buffer) => receive(double, socket, open.get(socket)!, new Uint8Array(data)));
    sendSync(socket, 0, Y.encodeStateVector(doc));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return Object.assign(double, { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}` });
}

function receive(
  double: RoomServerDouble,
  socket: ServerSocket,
  at: { frames: number; readonly path: string },
  data: Uint8Array,
): void {
  const decoder = decoding.createDecoder(data);
  switch (decoding.readVarUint(decoder)) {
    case messageTypes.hello: {
      const hello = JSON.parse(decoding.readVarString(decoder)) as ClientHello;
      double.hellos.push(hello);
      if (hello.epoch !== null && hello.epoch !== double.epoch) {
        refuse(socket, { code: "epoch", what: "This room was restored from a backup." });
        return;
      }
      const answer: ServerHello = {
        protocolVersion,
        epoch: double.epoch,
        principalId: ownerOf(at.path),
        mayWrite: double.mayWrite,
      };
      send(socket, messageTypes.hello, (e) => encoding.writeVarString(e, JSON.stringify(answer)));
      return;
    }
    case messageTypes.sync: {
      const step = decoding.readVarUint(decoder);
      const body = decoding.readVarUint8Array(decoder);
      if (step === 0) {
        sendSync(socket, 1, Y.encodeStateAsUpdate(double.doc, body));
        return;
      }
      if (double.refuseNext && body.length > 2) {
        const refusal = double.refuseNext;
        double.refuseNext = null;
        refuse(socket, refusal);
        return;
      }
      Y.applyUpdate(double.doc, body, socket);
      at.frames++;
      if (!double.holdAcks) send(socket, messageTypes.ack, (e) => encoding.writeVarUint(e, at.frames));
    }
  }
}

/** A ticket bears the name of its person; Ana needs none. */
function ownerOf(path: string): string {
  const ticket = new URL(path, "http://localhost").searchParams.get("ticket");
  return ticket?.startsWith("person-") ? ticket : "person-ana";
}

/** Say no, close, and read nothing more. */
function refuse(socket: ServerSocket, refusal: Refusal): void {
  send(socket, messageTypes.refused, (e) => encoding.writeVarString(e, JSON.stringify(refusal)));
  socket.removeAllListeners("message");
  socket.close(4409);
}

function sendSync(socket: ServerSocket, step: number, body: Uint8Array): void {
  send(socket, messageTypes.sync, (e) => {
    encoding.writeVarUint(e, step);
    encoding.writeVarUint8Array(e, body);
  });
}

function send(socket: ServerSocket, type: number, write: (encoder: encoding.Encoder) => void): void {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  write(encoder);
  socket.send(encoding.toUint8Array(encoder));
}
