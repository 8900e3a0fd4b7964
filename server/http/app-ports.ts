import type { Access } from "#server/access/access.ts";
import type { Bin } from "#server/access/bin.ts";
import type { ProjectEvents } from "#server/access/catalogue/project-events.ts";
import type { Usage } from "#server/access/catalogue/usage.ts";
import type { ConnectionRules } from "#server/access/connection.ts";
import type { InstituteSignIn } from "#server/access/institute-sign-in.ts";
import type { Intake } from "#server/access/intake.ts";
import type { Invitations } from "#server/access/invitations.ts";
import type { Sessions } from "#server/access/sessions.ts";
import type { Tickets } from "#server/access/tickets.ts";
import type { Visits } from "#server/access/visits.ts";
import type { ScaleBars } from "#server/burnt-in/scale-bars.ts";
import type { RoomHistory } from "#server/history/room-history.ts";
import type { Ingest } from "#server/ingest/ingest.ts";
import type { StackFramesService } from "#server/ingest/stack-frames.ts";
import type { StackLogs } from "#server/ingest/stack-logs.ts";
import type { Uploads } from "#server/ingest/uploads.ts";
import type { JobQueue } from "#server/jobs/job-queue.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { Readings } from "#server/sync/readings.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { Readiness } from "./readiness.ts";
import type { Logger } from "./request-log.ts";
import type { Traffic } from "./traffic.ts";

export type Scope = "this-computer" | "lan" | "proxy";

/** Everything the routes stand on. */
export interface AppPorts {
  readonly access: Access;
  readonly sessions: Sessions;
  /** Null where no provider was set. */
  readonly institute: InstituteSignIn | null;
  readonly bin: Bin;
  readonly events: ProjectEvents;
  readonly visits: Visits;
  readonly usage: Usage;
  readonly intake: Intake;
  readonly invitations: Invitations;
  readonly tickets: Tickets;
  readonly connection: ConnectionRules;
  readonly rooms: Pick<
    RoomServer,
    "writeAsServer" | "editAsServer" | "readDocument" | "revoke" | "onlineCount" | "authors" | "metrics"
  >;
  readonly readings: Readings;
  readonly history: RoomHistory;
  readonly ingest: Ingest;
  readonly uploads: Uploads;
  readonly stackLogs: StackLogs;
  readonly stackFrames: StackFramesService;
  readonly scaleBars: ScaleBars;
  readonly blobs: BlobStore;
  readonly tiles: TileStore;
  readonly jobs: JobQueue;
  readonly logger: Logger;
  readonly traffic: Traffic;
  readonly dataDir: string;
  /** Folder of the built client. */
  readonly webFolder: string;
  readonly version: string;
  readonly scope: Scope;
  /** Under which address people reach this server; known once it listens. */
  readonly publicUrl: () => string;
  readonly readiness: () => Promise<Readiness>;
}
