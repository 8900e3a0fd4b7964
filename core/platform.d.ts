/**
 * The few globals that browsers and Node share and core may use. Nothing else from either platform exists here:
 * core compiles with `lib: ["es2024"]` and no types, so a climb to the DOM or to Node is a compiler error.
 */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare function structuredClone<T>(value: T): T;
declare function btoa(data: string): string;
declare function atob(data: string): string;
declare const crypto: { getRandomValues<T extends ArrayBufferView>(array: T): T };
declare const performance: { now(): number };
declare const console: { warn(...data: unknown[]): void };
declare function setTimeout(callback: () => void, delayMs?: number): unknown;
declare function clearTimeout(handle: unknown): void;
