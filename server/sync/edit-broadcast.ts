import type { Submission } from "./commit-pipeline.ts";
import type { RoomMetrics } from "./metrics.ts";
import type { RoomSocket } from "./room-socket.ts";

/**
 * Send a group that is on disk to the others of its room: one write a socket, each frame built once, and nobody gets their
 * own back. Groups already come by windows, in which the log commits for all rooms at once.
 */
export function broadcastEdits(
  group: readonly Submission[],
  sockets: ReadonlySet<RoomSocket>,
  metrics: RoomMetrics,
  nowMs: number,
): void {
  const [first] = group;
  if (group.length === 1) {
    for (const socket of sockets) {
      if (socket === first!.socket) continue;
      socket.write(first!.frame, nowMs);
      metrics.deliveries++;
    }
    metrics.echoMs.record(nowMs - first!.receivedAtMs);
    return;
  }
  const joined = Buffer.concat(group.map(({ frame }) => frame));
  const senders = new Set(group.map(({ socket }) => socket));
  for (const socket of sockets) {
    const others = senders.has(socket) ? group.filter((edit) => edit.socket !== socket) : group;
    if (others.length === 0) continue;
    socket.write(others === group ? joined : Buffer.concat(others.map(({ frame }) => frame)), nowMs);
    metrics.deliveries += others.length;
  }
  for (const { receivedAtMs } of group) metrics.echoMs.record(nowMs - receivedAtMs);
}
