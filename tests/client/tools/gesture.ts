import type { Step, Tool, ToolContext, ToolEvent } from "#client/tools/tool.ts";
import type { AnnotationCommand } from "#core/document/commands.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { plainMark } from "#tests/core/schema/plain-mark.ts";

const noKeys = { shift: false, alt: false, ctrl: false };

/** A hand on a tool: what it does, what comes of it. One image px is one screen px unless said otherwise. */
export function hand<State>(tool: Tool<State>, more: Partial<ToolContext> = {}) {
  let state = tool.idle;
  let ids = 0;
  const commands: AnnotationCommand[] = [];
  let context: ToolContext = {
    scale: 1,
    readOnly: false,
    selected: [],
    classId: "class-film",
    trace: { body: "substrate", interfaceId: null },
    frames: "all",
    drawnOn: { signal: "0", frame: 0, window: [10, 200] },
    calibration: { state: "uncalibrated", reason: "test" },
    edges: null,
    brushRadius: 10,
    profileWidthPx: 5,
    fourierRegion: null,
    imageSize: { width: 1000, height: 800 },
    newId: () => `new-${++ids}`,
    nowIso: () => "2026-01-02T03:04:05.000Z",
    annotation: () => undefined,
    hits: () => [],
    handleAt: () => null,
    within: () => [],
    ...more,
  };
  let preview = tool.step(state, { type: "interrupt" }, context).preview;
  let knownFeature: Step<State>["knownFeature"];
  const send = (event: ToolEvent) => {
    const step = tool.step(state, event, context);
    knownFeature = step.knownFeature ?? knownFeature;
    state = step.state;
    preview = step.preview;
    commands.push(...step.commands);
    context = {
      ...context,
      ...(step.select ? { selected: step.select } : {}),
      ...(step.trace ? { trace: step.trace } : {}),
      ...(step.fourierRegion !== undefined ? { fourierRegion: step.fourierRegion } : {}),
    };
  };
  const pointer =
    (type: "down" | "move" | "up") =>
    (x: number, y: number, keys: Partial<typeof noKeys> = {}, clicks = 1) =>
      send({ type, at: { x, y }, clicks, ...noKeys, ...keys });
  const self = {
    send,
    down: pointer("down"),
    move: pointer("move"),
    up: pointer("up"),
    click(x: number, y: number, keys: Partial<typeof noKeys> = {}) {
      self.move(x, y, keys);
      self.down(x, y, keys);
      self.up(x, y, keys);
    },
    drag(...points: readonly (readonly [number, number])[]) {
      self.down(...points[0]!);
      for (const point of points.slice(1)) self.move(...point);
      self.up(...points.at(-1)!);
    },
    change(next: Partial<ToolContext>) {
      context = { ...context, ...next };
    },
    get state() {
      return state;
    },
    get preview() {
      return preview;
    },
    get knownFeature() {
      return knownFeature;
    },
    get context() {
      return context;
    },
    commands,
    /** Rings of the marks created so far. */
    created: () => commands.flatMap((command) => (command.type === "create" ? [command.annotation] : [])),
  };
  return self;
}

export function annotation(id: string, points: readonly Point[], more: Partial<Annotation> = {}): Annotation {
  const vertices = points.map(({ x, y }, i) => ({ id: i, x, y }));
  return plainMark({
    ...{ id, kind: "region", outline: { rings: [{ closed: true, hole: false, vertices }] } },
    ...more,
  });
}

export const square = (x: number, y: number, side: number): readonly Point[] => [
  { x, y },
  { x: x + side, y },
  { x: x + side, y: y + side },
  { x, y: y + side },
];
