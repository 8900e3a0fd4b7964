import { messageTypes } from "#core/protocol/messages.ts";

type Listener = ((event: MessageEvent) => void) | null;

/** Until the first marks are on the screen; to read them says how fast this computer is today. The others get a frame. */
const firstPause = { frames: 4, timesReading: 4 };
/** Nothing is painted in a tab that nobody looks at. */
const longestFrameMs = 100;

export const canUnpack = typeof DecompressionStream === "function";

/**
 * A WebSocket class that hands packed messages on unpacked: type and encoding as they came, then what was compressed. Their
 * place in the order stays: what comes after one waits until it has been handed on.
 */
export function unpackingSocket(Base: typeof WebSocket): typeof WebSocket {
  class UnpackingSocket extends Base {
    /** Takes messages in order; replaced with its listener. */
    inbox: Inbox | null = null;
  }
  Object.defineProperty(UnpackingSocket.prototype, "onmessage", {
    configurable: true,
    get(this: UnpackingSocket): Listener {
      return this.inbox?.listener ?? null;
    },
    set(this: UnpackingSocket, listener: Listener) {
      this.inbox?.close();
      const inbox = listener && new Inbox(listener, () => this.close());
      this.inbox = inbox;
      Reflect.set(Base.prototype, "onmessage", inbox && ((event: MessageEvent) => inbox.take(event)), this);
    },
  });
  return UnpackingSocket;
}

class Inbox {
  readonly listener: NonNullable<Listener>;
  readonly #failed: () => void;
  #waiting: Promise<void> | null = null;
  #closed = false;
  #painted = false;

  constructor(listener: NonNullable<Listener>, failed: () => void) {
    this.listener = listener;
    this.#failed = failed;
  }

  take(event: MessageEvent): void {
    const isPacked = new Uint8Array(event.data as ArrayBuffer, 0, 1)[0] === messageTypes.packed;
    if (!isPacked && !this.#waiting) {
      this.listener(event);
      return;
    }
    const next = Promise.all([isPacked ? unpacked(event) : event, this.#waiting]).then(async ([whole]) => {
      const startedMs = performance.now();
      if (!this.#closed) this.listener(whole);
      if (isPacked) await this.#letPaint(performance.now() - startedMs);
      if (this.#waiting === next) this.#waiting = null;
    });
    this.#waiting = next;
    // What cannot be unpacked is asked for again on the next socket.
    next.catch(() => this.#closed || this.#failed());
  }

  /** A large room comes in pieces: the first marks are to be seen while the others are still being read. */
  async #letPaint(readingMs: number): Promise<void> {
    if (this.#painted) return nextFrame();
    this.#painted = true;
    const untilMs = performance.now() + firstPause.timesReading * readingMs;
    for (let i = 0; i < firstPause.frames || performance.now() < untilMs; i++) await nextFrame();
  }

  close(): void {
    this.#closed = true;
  }
}

function nextFrame(): Promise<void> {
  if (typeof requestAnimationFrame !== "function") return new Promise((resolve) => setTimeout(resolve, 1));
  return new Promise((resolve) => {
    const late = setTimeout(resolve, longestFrameMs);
    requestAnimationFrame(() => {
      clearTimeout(late);
      resolve();
    });
  });
}

/** The two numbers before the compressed bytes are below 128: a byte each. */
async function unpacked(event: MessageEvent): Promise<MessageEvent> {
  const packed = new Uint8Array(event.data as ArrayBuffer);
  const stream = new Blob([packed.subarray(2)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const message = new Uint8Array(2 + bytes.length);
  message.set(packed.subarray(0, 2));
  message.set(bytes, 2);
  return new MessageEvent("message", { data: message.buffer });
}
