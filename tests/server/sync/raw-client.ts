import { createDecoder, readVarString, readVarUint, readVarUint8Array } from "lib0/decoding";
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from "lib0/encoding";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ClientHello } from "#core/protocol/messages.ts";
import { type AwarenessEntry, awarenessMessage, syncMessage } from "#server/sync/messages.ts";
import { readAwareness } from "#server/sync/presence-board.ts";

interface Contents {
  readonly step1: { readonly bytes: Uint8Array };
  readonly step2: { readonly bytes: Uint8Array };
  readonly update: { readonly bytes: Uint8Array };
  readonly awareness: { readonly entries: readonly AwarenessEntry[] };
  readonly ack: { readonly frames: number };
  readonly hello: { readonly value: Record<string, unknown> };
  readonly packed: { readonly bytes: Uint8Array };
  readonly refused: { readonly value: Record<string, unknown> };
  readonly closed: { readonly code: number; readonly reason: string };
}

export type Heard = { [T in keyof Contents]: { readonly type: T } & Contents[T] }[keyof Contents];

/** A socket that says exactly what a test tells it to, and hears everything. */
export class RawClient {
  readonly socket: WebSocket;
  readonly heard: Heard[] = [];
  #listeners: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("message", (data) => this.#hear(read(new Uint8Array(data as Buffer))));
    socket.on("close", (code, reason) => this.#hear({ type: "closed", code, reason: reason.toString() }));
  }

  static async connect(
    url: string,
    room: string,
    query = "",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawClient> {
    const client = new RawClient(new WebSocket(`${url}/${room}?${query}`, { headers }));
    onTestFinished(() => client.socket.terminate());
    await new Promise((resolve, reject) => client.socket.once("open", resolve).once("close", reject));
    return client;
  }

  hello(hello: Partial<ClientHello> & { readonly clientId: number }): void {
    const encoder = createEncoder();
    writeVarUint(encoder, 101);
    writeVarString(encoder, JSON.stringify({ protocolVersion: 1, epoch: null, ...hello }));
    this.socket.send(toUint8Array(encoder));
  }

  sync(step: 0 | 1 | 2, body: Uint8Array): void {
    this.socket.send(syncMessage(step, body));
  }

  awareness(
    entries: readonly { readonly clientId: number; readonly clock: number; readonly state: unknown }[],
  ): void {
    this.socket.send(
      awarenessMessage(entries.map((entry) => ({ ...entry, state: JSON.stringify(entry.state) }))),
    );
  }

  /** The first thing heard, past or to come, of this type that fits. */
  async hears<T extends Heard["type"]>(
    type: T,
    fits: (heard: Extract<Heard, { type: T }>) => boolean = () => true,
  ): Promise<Extract<Heard, { type: T }>> {
    for (;;) {
      const found = this.heard.find((heard) => heard.type === type && fits(heard as never));
      if (found) return found as never;
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  /** What was heard of a type so far. */
  all<T extends Heard["type"]>(type: T): Extract<Heard, { type: T }>[] {
    return this.heard.filter((heard) => heard.type === type) as never;
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

function read(message: Uint8Array): Heard {
  const decoder = createDecoder(message);
  const type = readVarUint(decoder);
  if (type === 0) {
    const step = (["step1", "step2", "update"] as const)[readVarUint(decoder)]!;
    return { type: step, bytes: readVarUint8Array(decoder) };
  }
  if (type === 1) return { type: "awareness", entries: readAwareness(readVarUint8Array(decoder)) };
  if (type === 100) return { type: "ack", frames: readVarUint(decoder) };
  if (type === 103) return { type: "packed", bytes: message };
  const value = JSON.parse(readVarString(decoder)) as Record<string, unknown>;
  return type === 101 ? { type: "hello", value } : { type: "refused", value };
}
