import { describe, expect, it } from "vitest";
import { FrameLedger } from "#client/session/frame-ledger.ts";
import {
  type Clock,
  PresenceThrottle,
  presenceLimits,
  withinLimits,
} from "#client/session/presence-throttle.ts";

describe("the ledger of frames", () => {
  it("is settled only after step 2 was offered and every frame confirmed", () => {
    const ledger = new FrameLedger();
    ledger.reopened();
    expect(ledger.settled).toBe(false);
    ledger.sent("step-2");
    expect(ledger.settled).toBe(false);
    ledger.confirmed(1);
    expect(ledger.settled).toBe(true);
  });

  it("keeps edits of before offline waiting until a step 2 carries them, whatever updates pass first", () => {
    const ledger = new FrameLedger(3);
    ledger.reopened();
    ledger.edited();
    ledger.sent("update");
    ledger.confirmed(1);
    expect([ledger.waiting, ledger.settled]).toEqual([3, false]);
    ledger.sent("step-2");
    ledger.confirmed(2);
    expect([ledger.waiting, ledger.settled]).toEqual([0, true]);
  });

  it("counts again what a lost socket did not confirm", () => {
    const ledger = new FrameLedger();
    ledger.reopened();
    ledger.sent("step-2");
    for (let i = 0; i < 4; i++) {
      ledger.edited();
      ledger.sent("update");
    }
    ledger.confirmed(3);
    expect(ledger.waiting).toBe(2);
    ledger.reopened();
    expect([ledger.waiting, ledger.settled]).toEqual([2, false]);
    ledger.sent("step-2");
    ledger.confirmed(1);
    expect([ledger.waiting, ledger.settled]).toEqual([0, true]);
  });
});

class HandClock implements Clock {
  #now = 0;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];
  now = () => this.#now;
  after = (delayMs: number, callback: () => void) => {
    const timer = { atMs: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter((t) => t.atMs <= end).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.atMs;
      next.callback();
    }
    this.#now = end;
  }
}

describe("presence", () => {
  it("lets a cursor leave 30 times and a draft 15 times a second, the first at once, the last always", () => {
    const clock = new HandClock();
    const sent: { x?: number; affine?: number }[] = [];
    const throttle = new PresenceThrottle((state) => {
      const draft = state.draft?.type === "transform" ? state.draft.affine[4] : undefined;
      sent.push({
        ...(state.cursor ? { x: state.cursor.x } : {}),
        ...(draft === undefined ? {} : { affine: draft }),
      });
    }, clock);
    for (let i = 1; i <= 1_000; i++) {
      throttle.set({
        cursor: { x: i, y: 0, frame: 0 },
        draft: { type: "transform", annotationIds: ["m"], affine: [1, 0, 0, 1, i, 0] },
      });
      clock.advance(1);
    }
    clock.advance(200);
    const cursors = new Set(sent.map(({ x }) => x)).size;
    const drafts = new Set(sent.map(({ affine }) => affine)).size;
    expect(cursors).toBeGreaterThan(25);
    expect(cursors).toBeLessThanOrEqual(presenceLimits.cursorHz + 2);
    expect(drafts).toBeGreaterThan(12);
    expect(drafts).toBeLessThanOrEqual(presenceLimits.draftHz + 2);
    expect(sent[0]!.x).toBe(1);
    expect(sent.at(-1)).toEqual({ x: 1_000, affine: 1_000 });
  });

  it("thins a long draft to the limit of bytes and keeps its ends", () => {
    const xy = Array.from({ length: 10_000 }, (_, i) => 20_000.123 + i);
    const state = withinLimits({
      draft: {
        type: "shape",
        kind: "interface-trace",
        classId: null,
        annotationId: null,
        interfaceId: null,
        body: "film",
        rings: [{ closed: false, hole: false, xy }],
      },
    });
    if (state.draft?.type !== "shape") throw new Error("the draft was dropped");
    const kept = state.draft.rings[0]!.xy;
    expect(kept.length / 2).toBeLessThanOrEqual(presenceLimits.draftVertices);
    expect(kept.length / 2).toBeGreaterThan(200);
    expect(JSON.stringify(state).length).toBeLessThanOrEqual(presenceLimits.bytes);
    expect(kept.slice(0, 2)).toEqual([20_000.125, 20_001.125]);
    expect(kept.at(-1)).toBe(29_999.125);
  });
});
