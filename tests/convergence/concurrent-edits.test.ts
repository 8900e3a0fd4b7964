import { beforeEach, describe, expect, it } from "vitest";
import type { AnnotationCommand } from "#core/document/commands.ts";
import { foldOutlines } from "#core/document/fold.ts";
import { annotationsMap } from "#core/document/record-layout.ts";
import { RoomDouble } from "./room-double.ts";

const house = [
  [0, 0],
  [100, 0],
  [100, 50],
  [50, 80],
  [0, 50],
] as const;
const create: AnnotationCommand = {
  type: "create",
  id: "mark",
  annotation: {
    kind: "region",
    origin: [{ by: "drawn", tool: "polygon", version: "1" }],
    rings: [{ closed: true, hole: false, points: house }],
  },
};
const replacement = [
  [10, 10],
  [60, 10],
  [60, 40],
] as const;

let room: RoomDouble;
beforeEach(() => {
  room = new RoomDouble(3, 7);
  room.document(0).execute(create);
  room.settle();
});

const points = (peer = 2) =>
  room
    .document(peer)
    .get("mark")!
    .outline.rings[0]!.vertices.map(({ x, y }) => [x, y] as const);
const has = (x: number, y: number) => points().some(([px, py]) => px === x && py === y);

/** What a peer does, and how the result shows that it was done. `wins`: what it says about the whole outline or mark. */
interface Act {
  run(peer: number): void;
  stays(): boolean;
  readonly wins: "vertex" | "outline" | "mark" | "nothing";
}
const byVertexOf = (peer: number): number => (peer === 0 ? 1 : 2);

const acts = (peer: number): Readonly<Record<string, Act>> => {
  const document = room.document(peer);
  const vertex = byVertexOf(peer);
  const [x, y] = [30 + peer, 70 + peer];
  return {
    move: {
      run: () => document.execute({ type: "move-vertices", id: "mark", vertices: [{ id: vertex, x, y }] }),
      stays: () => has(x, y),
      wins: "vertex",
    },
    insert: {
      run: () => document.execute({ type: "insert-vertex", id: "mark", leftId: vertex, x, y }),
      stays: () => has(x, y),
      wins: "vertex",
    },
    remove: {
      run: () => document.execute({ type: "remove-vertices", id: "mark", vertexIds: [vertex] }),
      stays: () => !has(house[vertex]![0], house[vertex]![1]),
      wins: "vertex",
    },
    fold: {
      // The server does it while the others are away; the vertex moved before gives it something to fold.
      run: () => expect(foldOutlines(room.room).length).toBeLessThanOrEqual(1),
      stays: () => true,
      wins: "nothing",
    },
    replace: {
      run: () =>
        document.execute({
          type: "replace-outline",
          id: "mark",
          rings: [{ closed: true, hole: false, points: replacement.map(([px, py]) => [px + peer, py]) }],
        }),
      stays: () => has(10 + peer, 10) && points().length === 3,
      wins: "outline",
    },
    delete: {
      run: () => document.execute({ type: "delete", ids: ["mark"] }),
      stays: () => room.document(2).deletedAnnotations().has("mark"),
      wins: "mark",
    },
    undo: {
      run: () => {
        document.execute({ type: "set-fields", id: "mark", fields: { name: `by ${peer}` } });
        document.undo();
      },
      stays: () => room.document(2).get("mark")!.name === "",
      wins: "nothing",
    },
  };
};

const names = ["move", "insert", "remove", "fold", "replace", "delete", "undo"] as const;
const pairs = names.flatMap((a) => names.map((b) => [a, b] as const));

describe("two people's edits of one outline at the same time", () => {
  it.each(pairs)("V7 %s beside %s: all replicas agree and both edits stay where they can", (a, b) => {
    // A vertex that was moved before, so that a fold has an overlay to fold.
    room.document(2).execute({ type: "move-vertices", id: "mark", vertices: [{ id: 0, x: -5, y: -6 }] });
    room.settle();
    const [first, second] = [acts(0)[a]!, acts(1)[b]!];
    first.run(0);
    second.run(1);
    room.settle();
    const views = room.views();
    expect(new Set(views).size).toBe(1);
    expect(room.document(0).invalid()).toEqual([]);
    // Whole-shape replacement wins over vertex edits; of two replacements one wins; everything else stays.
    const bothReplace = first.wins === "outline" && second.wins === "outline";
    if (bothReplace) expect([first.stays(), second.stays()].filter(Boolean)).toHaveLength(1);
    else {
      if (!(first.wins === "vertex" && second.wins === "outline")) expect(first.stays()).toBe(true);
      if (!(second.wins === "vertex" && first.wins === "outline")) expect(second.stays()).toBe(true);
    }
    if (first.wins !== "outline" && second.wins !== "outline") expect(has(-5, -6)).toBe(true);
  });

  it("V7 keeps two inserts on one edge, in their order along it, with different ids", () => {
    room.document(0).execute({ type: "insert-vertex", id: "mark", leftId: 0, x: 70, y: -1 });
    room.document(1).execute({ type: "insert-vertex", id: "mark", leftId: 0, x: 30, y: -2 });
    room.settle();
    expect(points()).toEqual([
      [0, 0],
      [30, -2],
      [70, -1],
      [100, 0],
      [100, 50],
      [50, 80],
      [0, 50],
    ]);
    expect(new Set(room.views()).size).toBe(1);
  });

  it("F3 a fold concurrent with a move, an insert and a removal loses none of them", () => {
    const [ana, ben] = [room.document(0), room.document(1)];
    ana.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 0, x: 1, y: 1 }] });
    ana.execute({ type: "remove-vertices", id: "mark", vertexIds: [2] });
    room.settle();
    expect(foldOutlines(room.room)).toEqual(["mark"]);
    ben.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 0, x: 2, y: 3 }] });
    ben.execute({ type: "insert-vertex", id: "mark", leftId: 1, x: 90, y: 30 });
    ana.undo();
    room.settle();
    expect(points()).toEqual([
      [2, 3],
      [100, 0],
      [90, 30],
      [100, 50],
      [50, 80],
      [0, 50],
    ]);
    expect(new Set(room.views()).size).toBe(1);
    foldOutlines(room.room);
    room.settle();
    const record = annotationsMap(room.room).get("mark") as ReturnType<typeof annotationsMap>;
    expect([...record.keys()].filter((key) => /^[vi]/.test(key))).toEqual([]);
    expect(points()).toEqual([
      [2, 3],
      [100, 0],
      [90, 30],
      [100, 50],
      [50, 80],
      [0, 50],
    ]);
  });

  it("V8 tells whose vertex edit was overtaken by a replacement, and undoing that brings it back", () => {
    const overtaken: string[] = [];
    room.document(1).subscribe((change) => overtaken.push(...change.overtaken));
    acts(0).replace!.run(0);
    acts(1).move!.run(1);
    room.settle();
    expect(overtaken).toEqual(["mark"]);
    expect(acts(1).move!.stays()).toBe(false);
    expect(room.document(0).undo().state).toBe("done");
    room.settle();
    expect(acts(1).move!.stays()).toBe(true);
  });

  it("U3 an undo leaves what somebody else has changed since, and says whose edit stands", () => {
    const [ana, ben] = [room.document(0), room.document(1)];
    ana.execute({
      type: "move-vertices",
      id: "mark",
      vertices: [
        { id: 0, x: 5, y: 5 },
        { id: 1, x: 95, y: 5 },
      ],
    });
    room.settle();
    ben.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 1, x: 90, y: 9 }] });
    room.settle();
    expect(ana.undo()).toEqual({
      state: "partly",
      annotationIds: ["mark"],
      standing: [{ annotationId: "mark", client: 101 }],
    });
    room.settle();
    expect(points()).toEqual([
      [0, 0],
      [90, 9],
      [100, 50],
      [50, 80],
      [0, 50],
    ]);

    ana.execute({ type: "set-fields", id: "mark", fields: { classId: "film" } });
    room.settle();
    ben.execute({ type: "set-fields", id: "mark", fields: { classId: "core" } });
    room.settle();
    expect(ana.undo()).toEqual({ state: "overtaken", standing: [{ annotationId: "mark", client: 101 }] });
    expect(ana.get("mark")!.classId).toBe("core");
  });

  it("U4 an undo after a fold still knows its edit", () => {
    const ana = room.document(0);
    ana.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 1, x: 95, y: 5 }] });
    ana.execute({ type: "remove-vertices", id: "mark", vertexIds: [3] });
    room.settle();
    foldOutlines(room.room);
    room.settle();
    expect(ana.undo().state).toBe("done");
    expect(ana.undo().state).toBe("done");
    room.settle();
    expect(points()).toEqual(house.map(([x, y]) => [x, y]));
  });

  it("U5 moving a whole mark takes back all vertices but the one somebody moved since", () => {
    const [ana, ben] = [room.document(0), room.document(1)];
    ana.execute({ type: "transform", ids: ["mark"], affine: [1, 0, 0, 1, 10, 0] });
    room.settle();
    ben.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 2, x: 120, y: 60 }] });
    room.settle();
    ana.undo();
    room.settle();
    expect(points()).toEqual([
      [0, 0],
      [100, 0],
      [120, 60],
      [50, 80],
      [0, 50],
    ]);
    expect(new Set(room.views()).size).toBe(1);
  });
});
