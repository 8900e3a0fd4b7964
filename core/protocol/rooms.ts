/** The rooms there are. Rooms are the unit of permission: what a person may see or write is decided by room, never within one. */
export type RoomName =
  | { readonly kind: "annotations"; readonly micrographId: string }
  | { readonly kind: "record"; readonly micrographId: string }
  | { readonly kind: "shared"; readonly projectId: string }
  | { readonly kind: "round"; readonly roundId: string; readonly principalId: string };

const id = "[A-Za-z0-9_-]{8,40}";
const patterns: readonly [RegExp, (a: string, b: string) => RoomName][] = [
  [new RegExp(`^micrograph:(${id}):annotations$`), (micrographId) => ({ kind: "annotations", micrographId })],
  [new RegExp(`^micrograph:(${id}):record$`), (micrographId) => ({ kind: "record", micrographId })],
  [new RegExp(`^project:(${id}):shared$`), (projectId) => ({ kind: "shared", projectId })],
  [
    new RegExp(`^round:(${id}):(${id})$`),
    (roundId, principalId) => ({ kind: "round", roundId, principalId }),
  ],
];

/** The room a name stands for, or undefined where the name is none of ours. */
export function parseRoomName(name: string): RoomName | undefined {
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(name);
    if (match) return make(match[1]!, match[2] ?? "");
  }
  return undefined;
}

export function formatRoomName(room: RoomName): string {
  switch (room.kind) {
    case "annotations":
      return `micrograph:${room.micrographId}:annotations`;
    case "record":
      return `micrograph:${room.micrographId}:record`;
    case "shared":
      return `project:${room.projectId}:shared`;
    case "round":
      return `round:${room.roundId}:${room.principalId}`;
  }
}

/** Rooms that people write by CRDT; the others are written by the server from HTTP commands. */
export function isWrittenByPeople(room: RoomName): boolean {
  return room.kind === "annotations" || room.kind === "round";
}
