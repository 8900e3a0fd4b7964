import type { SyncFrame } from "./frame-ledger.ts";

/**
 * A WebSocket class for y-websocket's unmodified provider: it says hello before anything else leaves, and reports each
 * sync frame that carries content ([0, 1] step 2, [0, 2] update), which is what the server's acknowledgements count.
 */
export function countingSocket(
  Base: typeof WebSocket,
  hooks: {
    /** First message of every socket. */
    hello(): Uint8Array;
    opened(): void;
    sent(frame: SyncFrame): void;
  },
): typeof WebSocket {
  return class CountingSocket extends Base {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      // Registered before the provider's own handler, so hello precedes its step 1.
      this.addEventListener("open", () => {
        hooks.opened();
        super.send(hooks.hello() as Uint8Array<ArrayBuffer>);
      });
    }

    override send(data: Parameters<WebSocket["send"]>[0]): void {
      super.send(data);
      if (!(data instanceof Uint8Array) || data[0] !== 0) return;
      if (data[1] === 1) hooks.sent("step-2");
      else if (data[1] === 2) hooks.sent("update");
    }
  };
}
