import { describe, expect, it } from "vitest";
import { foldOutlines } from "#core/document/fold.ts";
import { isDomainError } from "#core/errors/domain-error.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { RoomDouble } from "./room-double.ts";

const firstSeed = Number(process.env.SEED ?? 20_261);
const seeds = Array.from({ length: process.env.SEED ? 1 : 12 }, (_, i) => firstSeed + i);
const steps = 250;

/** One random thing that a random peer does; what is not allowed at the moment is refused, which is part of the game. */
function step(room: RoomDouble, log: string[]): void {
  const pick = (count: number) => Math.floor(room.random() * count);
  const peer = pick(room.peers.length);
  const document = room.document(peer);
  const marks = [...document.annotations().keys()].sort();
  const mark: Annotation | undefined = document
    .annotations()
    .get(marks[pick(Math.max(1, marks.length))] ?? "");
  const vertices = mark?.outline.rings.flatMap((ring) => ring.vertices) ?? [];
  const vertex = vertices[pick(Math.max(1, vertices.length))];
  const [x, y] = [pick(6_400) / 64, pick(4_800) / 64];
  const points = () =>
    Array.from({ length: 3 + pick(4) }, () => [pick(6_400) / 64, pick(4_800) / 64] as const);
  const action = pick(14);
  log.push(`peer ${peer} action ${action} mark ${mark?.id ?? "-"} vertex ${vertex?.id ?? "-"} at ${x},${y}`);
  try {
    if (action === 0 || !mark || !vertex)
      document.execute({
        type: "create",
        id: `m${Math.floor(room.random() * 1e9)}`,
        annotation: {
          kind: "region",
          origin: [{ by: "drawn", tool: "polygon", version: "1" }],
          rings: [{ closed: true, hole: false, points: points() }],
        },
      });
    else if (action <= 3)
      document.execute({ type: "move-vertices", id: mark.id, vertices: [{ id: vertex.id, x, y }] });
    else if (action <= 5) document.execute({ type: "insert-vertex", id: mark.id, leftId: vertex.id, x, y });
    else if (action === 6) document.execute({ type: "remove-vertices", id: mark.id, vertexIds: [vertex.id] });
    else if (action === 7) foldOutlines(room.room);
    else if (action === 8)
      document.execute({
        type: "replace-outline",
        id: mark.id,
        rings: [{ closed: true, hole: false, points: points() }],
      });
    else if (action === 9)
      document.execute({ type: "transform", ids: [mark.id], affine: [1, 0, 0, 1, x - 50, 1] });
    else if (action === 10) document.execute({ type: "delete", ids: [mark.id] });
    else if (action === 11) document.execute({ type: "set-fields", id: mark.id, fields: { name: `n${x}` } });
    else if (action === 12) document.undo();
    else document.redo();
  } catch (error) {
    if (!isDomainError(error)) throw error;
  }
  const delivery = pick(6);
  if (delivery === 0) room.flushUp(peer);
  if (delivery === 1) room.flushDown(pick(room.peers.length));
}

describe("three peers at random", () => {
  it.each(seeds)("ends with all replicas equal, seed %i", (seed) => {
    const room = new RoomDouble(3, seed);
    const log: string[] = [];
    try {
      for (let i = 0; i < steps; i++) {
        step(room, log);
        if (i % 50 === 49) {
          room.settle();
          expect(new Set(room.views()).size).toBe(1);
        }
      }
      // Undoing everything, while others look on, must not break anything either.
      for (const { document } of room.peers) while (document.canUndo) document.undo();
      room.settle();
      expect(new Set(room.views()).size).toBe(1);
      for (const { document } of room.peers)
        for (const { reason } of document.invalid()) expect(reason).toMatch(/vertices/);
    } catch (error) {
      throw new Error(`SEED=${seed} after\n${log.slice(-40).join("\n")}`, { cause: error });
    }
  });
});
