import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchAccess } from "#client/state/access-watch.ts";
import { closeCodes } from "#core/protocol/close-codes.ts";

/** The sockets that were opened, as the server would see them. */
class Line extends EventTarget {
  static opened: Line[] = [];
  readonly address: string;
  closed = false;
  constructor(address: string) {
    super();
    this.address = address;
    Line.opened.push(this);
  }
  letIn(): void {
    this.dispatchEvent(new Event("message"));
  }
  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
  close(): void {
    this.closed = true;
    this.end(1005);
  }
}

const asked = vi.fn(async (_isFirst: boolean) => {});
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Line);
  vi.stubGlobal("location", { protocol: "https:", host: "lab.example" });
  Line.opened = [];
  asked.mockClear();
  stop = watchAccess("project0001", asked);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const line = () => Line.opened.at(-1)!;

it("asks anew when the server says that rights changed, and goes on listening", async () => {
  expect(line().address).toBe("wss://lab.example/sync/project:project0001:shared");
  line().letIn();
  line().letIn();
  expect(asked.mock.calls).toEqual([[true]]);
  line().end(closeCodes.noRight);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.mock.calls).toEqual([[true], [false]]);
  expect(Line.opened).toHaveLength(2);
});

it("a broken line is no news; what changed meanwhile is asked for when it is back", async () => {
  line().letIn();
  line().end(1006);
  expect(asked).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1000);
  line().letIn();
  expect(asked.mock.calls).toEqual([[true], [false]]);
});

it("a server that is away is asked less and less often, for as long as the page is there", async () => {
  const opened: number[] = [];
  for (let n = 0; n < 8; n++) {
    line().end(1006);
    await vi.advanceTimersByTimeAsync(1000);
    opened.push(Line.opened.length);
    await vi.advanceTimersByTimeAsync(20_000);
  }
  // The first comes back within a second; the last ones do not.
  expect(opened[0]).toBe(2);
  expect(opened.at(-1)).toBe(Line.opened.length - 1);
  stop();
  expect(line().closed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Line.opened).toHaveLength(9);
  expect(asked).not.toHaveBeenCalled();
});
