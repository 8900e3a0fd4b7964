import { expect, it } from "vitest";
import type { PresenceState } from "#core/protocol/presence.ts";
import { readPresence } from "#core/protocol/read-presence.ts";
import { createRandom } from "#core/random/generator.ts";

const whole: PresenceState = {
  user: { principalId: "p", name: "Ana", colour: "#224466" },
  cursor: { x: 1, y: 2, frame: 3 },
  viewport: { x: 1, y: 2, width: 3 },
  selection: ["a", "b"],
  frame: 2,
  laser: true,
  following: 7,
  presenting: true,
  display: { signal: "0", window: { low: 1, high: 2, gamma: 1, invert: false, colourMap: "grey" } },
  draft: {
    ...{ type: "shape", kind: "region", classId: null, annotationId: null, interfaceId: null, body: null },
    rings: [{ closed: true, hole: false, xy: [1, 2, 3, 4] }],
  },
};

it("reads a whole state as it is", () => {
  expect(readPresence(whole)).toEqual(whole);
  const asServed = { signal: "1", window: null };
  expect(readPresence({ ...whole, display: asServed }).display).toEqual(asServed);
});

it("leaves out what has another form, and keeps the rest", () => {
  const bounds = { gamma: 1, invert: false, colourMap: "grey" };
  for (const [key, value] of [
    ["cursor", { x: "1", y: 2 }],
    ["cursor", { x: Number.NaN, y: 2 }],
    ["viewport", { x: 1, y: 2, width: 0 }],
    ["viewport", { x: 1, y: 2, width: null }],
    ["selection", ["a", 3]],
    ["frame", -1],
    ["frame", 1.5],
    ["display", { signal: "0", window: { low: 2, high: 2, ...bounds } }],
    ["display", { signal: "0" }],
    ["draft", { type: "shape", kind: "region" }],
    ["draft", { type: "shape", kind: "region", rings: [{ xy: [1, 2, 3] }] }],
    ["draft", { type: "transform", annotationIds: ["a"], affine: [1, 0, 0, 1, 0] }],
    ["user", { name: "Ana" }],
  ] as const) {
    const { [key]: _left, ...rest } = whole;
    expect(readPresence({ ...whole, [key]: value }), `${key} ${JSON.stringify(value)}`).toEqual(rest);
  }
});

it("never throws, whatever comes", () => {
  const random = createRandom(Number(process.env.SEED ?? 3));
  const odd = [
    null,
    undefined,
    0,
    -1,
    Number.POSITIVE_INFINITY,
    "",
    "x",
    true,
    [],
    [null],
    {},
    { x: {} },
    { rings: [[]] },
  ];
  const pick = () => odd[Math.floor(random() * odd.length)];
  for (let i = 0; i < 2000; i++) {
    const state = Object.fromEntries(Object.keys(whole).map((key) => [key, pick()]));
    const draft = { type: "shape", kind: "region", rings: pick() };
    const nested = { ...state, draft, display: { signal: "0", window: pick() } };
    expect(() => readPresence(i % 2 === 0 ? state : nested)).not.toThrow();
  }
  for (const value of odd) expect(() => readPresence(value)).not.toThrow();
});
