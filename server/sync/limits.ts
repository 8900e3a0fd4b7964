/** Bounds of the room server, each with its reason. */
export interface RoomLimits {
  /** One frame; a longer one ends the socket before it is in memory. Above maxUpdateBytes, so that "size" can be said. */
  readonly maxFrameBytes: number;
  /** One update: an offline week of drawing is well below. */
  readonly maxUpdateBytes: number;
  /** A whole room as encoded: what a browser can still open. */
  readonly maxRoomBytes: number;
  /** Live marks of a room: the installation's quota. */
  readonly maxRecords: number;
  readonly maxAwarenessBytes: number;
  /** Presence messages of one socket: so many at once, and a second; 30 cursors and 15 drafts a second are the usual most. */
  readonly presenceAtOnce: number;
  readonly presencePerSecond: number;
  /** Unsent bytes above which a socket is sent no presence. */
  readonly dropAwarenessAboveBytes: number;
  /** Unsent bytes (beyond its first synchronisation) above which a socket is cut; it returns and synchronises. */
  readonly cutAboveBytes: number;
  /** Uncommitted frames of one socket, and their bytes, above which it is not read until the disk has caught up. */
  readonly maxFramesInFlight: number;
  readonly maxBytesInFlight: number;
  readonly maxSocketsPerPrincipal: number;
  /** Yjs ids one person may introduce to one room in an hour: a reload costs one. */
  readonly newClientIdsPerHour: number;
  /** Clocks one update may add for one client: beyond, it exhausts ids rather than draws. */
  readonly maxClockJump: number;
  /** States of all rooms travel together so often: half of it is what a cursor waits for, and a crowd's states share a write. */
  readonly awarenessWindowMs: number;
  /** A socket sent nothing for so long gets an empty awareness message; the stock provider gives up at 30 s. */
  readonly keepAliveMs: number;
  /** A socket that has said nothing for this long is pinged; one that says nothing for as long again is dead. */
  readonly pingMs: number;
  /** How long an empty room stays in memory. */
  readonly idleRoomMs: number;
  /** Updates, and bytes of updates, after which the room's state is stored whole. */
  readonly checkpointAfterUpdates: number;
  readonly checkpointAfterBytes: number;
  /** How long a deleted mark can be restored; after that it is removed when its room is next idle. */
  readonly keepDeletedMs: number;
  /** A room nobody changed is tidied at most so often. */
  readonly tidyAgainMs: number;
  /** How long a closing socket may take to answer. */
  readonly closeGraceMs: number;
}

const mebibyte = 1024 * 1024;
const dayMs = 24 * 3_600_000;

export const defaultLimits: RoomLimits = {
  maxFrameBytes: 8 * mebibyte,
  maxUpdateBytes: 4 * mebibyte,
  maxRoomBytes: 64 * mebibyte,
  maxRecords: Number.POSITIVE_INFINITY,
  maxAwarenessBytes: 8 * 1024,
  presenceAtOnce: 200,
  presencePerSecond: 100,
  dropAwarenessAboveBytes: 256 * 1024,
  cutAboveBytes: 4 * mebibyte,
  maxFramesInFlight: 256,
  maxBytesInFlight: 16 * mebibyte,
  maxSocketsPerPrincipal: 200,
  newClientIdsPerHour: 500,
  maxClockJump: 1_000_000,
  awarenessWindowMs: 24,
  keepAliveMs: 15_000,
  pingMs: 20_000,
  idleRoomMs: 30_000,
  checkpointAfterUpdates: 1_000,
  checkpointAfterBytes: 5 * mebibyte,
  keepDeletedMs: 30 * dayMs,
  tidyAgainMs: dayMs,
  closeGraceMs: 1_000,
};
