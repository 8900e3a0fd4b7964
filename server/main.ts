import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Duplex } from "node:stream";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { Access } from "./access/access.ts";
import { makeAdministratorLink, signInAddress } from "./access/administrator-link.ts";
import { Bin } from "./access/bin.ts";
import { createProjectEvents } from "./access/catalogue/project-events.ts";
import { createSqlCatalogue } from "./access/catalogue/sql-catalogue.ts";
import { createUsage } from "./access/catalogue/usage.ts";
import { type ConnectionRules, hostOf, isEncrypted, isOwnOrigin } from "./access/connection.ts";
import { InstituteSignIn } from "./access/institute-sign-in.ts";
import { freeBytesOf, Intake } from "./access/intake.ts";
import { Invitations } from "./access/invitations.ts";
import { noteAddress } from "./access/noted-address.ts";
import { createRoomAdmission } from "./access/room-admission.ts";
import { hashSecret, newId } from "./access/secrets.ts";
import { Sessions } from "./access/sessions.ts";
import { ensureAdministrator } from "./access/sign-in.ts";
import { Tickets } from "./access/tickets.ts";
import { Visits } from "./access/visits.ts";
import { createScaleBars } from "./burnt-in/scale-bars.ts";
import type { ServerConfig } from "./config.ts";
import { fillDemonstration } from "./demo/demonstration.ts";
import { createExportJobs } from "./export/export-jobs.ts";
import { RoomHistory } from "./history/room-history.ts";
import { createApp, createRoutes } from "./http/app.ts";
import type { AppPorts } from "./http/app-ports.ts";
import { type Certificate, certificateFromFiles, lanAddresses, ownCertificate } from "./http/certificate.ts";
import { listen, refuseUpgrade, scopeOf, stopListening, urlHost } from "./http/listening.ts";
import { createReadiness } from "./http/readiness.ts";
import { createLogger, type Logger, logRequest, logUpgrade } from "./http/request-log.ts";
import { createRightsChanged } from "./http/rights-changed.ts";
import type { Route } from "./http/route.ts";
import { callbackPath } from "./http/routes/institute-routes.ts";
import { requestIdOf, Traffic } from "./http/traffic.ts";
import { ffmpegVersion } from "./ingest/ffmpeg.ts";
import { createIngest, type Ingest } from "./ingest/ingest.ts";
import { createStackFrames } from "./ingest/stack-frames.ts";
import { createStackLogs } from "./ingest/stack-logs.ts";
import { createUploads } from "./ingest/uploads.ts";
import { createFolderWatch } from "./ingest/watch-folder.ts";
import { createJobQueue } from "./jobs/job-queue.ts";
import type { Report } from "./report.ts";
import { onBehalfOf } from "./request-context.ts";
import type { BlobStore } from "./storage/blob-store.ts";
import type { Catalogue } from "./storage/catalogue.ts";
import { type EmbeddedStore, openEmbeddedStore } from "./storage/embedded/embedded-store.ts";
import { DirectoryBlobStore } from "./storage/files/directory-blob-store.ts";
import { storeTables } from "./store-tables.ts";
import { Readings } from "./sync/readings.ts";
import { ReplayThreads } from "./sync/replay-threads.ts";
import { RoomServer } from "./sync/room-server.ts";
import { UpkeepPass } from "./sync/upkeep-pass.ts";
import { createTileHandler } from "./tiles/handler.ts";
import { createImageHandler } from "./tiles/iiif/image-handler.ts";
import { openToOtherSites } from "./tiles/other-sites.ts";
import { createPaletteReader } from "./tiles/palette.ts";
import { createTileStore } from "./tiles/tile-store.ts";
import { lamellaVersion } from "./version.ts";

export interface RunningServer {
  /** Where it listens, as a browser on this computer writes it. */
  readonly url: string;
  /** Address that links are made from. */
  readonly publicUrl: string;
  /** Signs the administrator in, once. */
  readonly adminLink: string;
  readonly dataDir: string;
  /** SHA-256 of the certificate; null over plain HTTP. */
  readonly fingerprint: string | null;
  readonly routes: readonly Route[];
  readonly catalogue: Catalogue;
  readonly ingest: Ingest;
  readonly rooms: RoomServer;
  readonly store: EmbeddedStore;
  readonly blobs: BlobStore;
  /** Stops within 5 s: no new requests, what is committing reaches the disk, sockets close with 1012. */
  close(): Promise<void>;
}

/** What the server stands on; tests put drivers that fail in their place. */
export interface Drivers {
  readonly openStore: typeof openEmbeddedStore;
  readonly openBlobs: (folder: string) => Promise<BlobStore>;
  readonly freeBytesOf: (folder: string) => Promise<number>;
}

const realDrivers: Drivers = {
  openStore: openEmbeddedStore,
  openBlobs: (folder) => DirectoryBlobStore.open(folder),
  freeBytesOf,
};

/** From a configuration to a listening server: the only place that chooses drivers. */
export async function startServer(
  config: ServerConfig,
  change: Partial<Drivers> = {},
): Promise<RunningServer> {
  const drivers = { ...realDrivers, ...change };
  const logger = createLogger(config.logLevel);
  const { dataDir } = config;
  const certificate = await chooseCertificate(config);
  const store = await drivers.openStore({
    dataDir,
    migrations: storeTables,
  });
  // What "saved" rests on, as the store itself says it.
  logger.info({ dataDir, ...store.pragmas }, "store opened");
  const stopping = new AbortController();
  const releases: (() => Promise<unknown> | unknown)[] = [() => store.close()];
  const release = async () => {
    stopping.abort();
    // Last made, first closed; one that fails does not keep the others open.
    for (const close of releases.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.error({ err: error }, "failed while stopping");
      }
    }
  };

  try {
    const catalogue = createSqlCatalogue(store.sql);
    const freshStore = await catalogue.isEmpty();
    const administrator = await ensureAdministrator(catalogue);
    if (freshStore && config.adminToken !== null)
      await addFirstToken(catalogue, administrator.id, config.adminToken);

    const access = new Access(catalogue);
    const tickets = new Tickets();
    const blobs = await drivers.openBlobs(join(dataDir, "blobs"));
    releases.push(() => blobs.close());
    const report: Report = (event, facts) => logger.warn(facts, event);
    const jobs = createJobQueue({
      sql: store.sql,
      concurrency: Math.min(4, availableParallelism()),
      report,
    });
    const ingest = createIngest({
      ...{ sql: store.sql, blobs, log: store.documentLog, workFolder: join(dataDir, "work"), jobs },
      report,
    });
    releases.push(
      () => ingest.close(),
      () => jobs.close(),
    );
    void ffmpegVersion().then((ffmpeg) =>
      logger.info({ ffmpeg: ffmpeg ?? "none: videos but AVI are refused with how to convert them" }, "video"),
    );
    const uploads = createUploads(ingest);
    const tiles = createTileStore(blobs, undefined, ingest.openOriginal);
    const tileAccess = (micrographId: string) => ingest.catalogue.tileAccess(micrographId);
    const paletteOf = createPaletteReader(blobs);
    const scaleBars = createScaleBars({ tiles, paletteOf });
    releases.push(() => scaleBars.close());
    const replay = new ReplayThreads();
    releases.push(() => replay.close());
    const rooms = new RoomServer({
      log: store.documentLog,
      replay,
      limits: {
        keepDeletedMs: config.keepDeletedDays * 86_400_000,
        maxRecords: config.quotas.marksPerMicrograph ?? Number.POSITIVE_INFINITY,
      },
      authorise: createRoomAdmission({
        access,
        tickets,
        projectOfMicrograph: async (id) => (await tileAccess(id))?.projectId,
      }),
      requestIdOf,
      report,
    });
    const sessions = new Sessions(access, rooms);
    const upkeep = new UpkeepPass({ rooms, log: store.documentLog, report });
    releases.push(() => rooms.close(), upkeep.start(), sessions.watch());

    const stackLogs = createStackLogs({ sql: store.sql, blobs, rooms, readLog: ingest.readLog });
    const stackFrames = createStackFrames({
      ...{ sql: store.sql, jobs, logs: stackLogs, surveyFrame: ingest.surveyFrame },
      holderOf: ingest.catalogue.holderOf,
    });
    const bin = new Bin({
      sql: store.sql,
      blobs,
      log: store.documentLog,
      moveSource: ingest.catalogue.moveSource,
    });
    const usage = createUsage(store.sql);
    const intake = new Intake({
      usage,
      quotas: config.quotas,
      freeBytes: () => drivers.freeBytesOf(dataDir),
      unfinished: () => uploads.unfinished(),
    });
    const events = createProjectEvents(store.sql);
    const rightsChanged = createRightsChanged({ access, rooms, ingest });
    const visits = new Visits({ catalogue, events, rightsChanged });
    releases.push(await visits.resume());

    const connection: ConnectionRules = { behindProxy: config.behindProxy, publicOrigin: config.publicUrl };
    let publicUrl = config.publicUrl ?? "";
    const readings = new Readings(rooms);
    releases.push(() => readings.close());
    const history = new RoomHistory({ log: store.documentLog, replay, rooms });
    const traffic = new Traffic();
    const requestLog = { logger, traffic, behindProxy: config.behindProxy };
    const institute =
      config.openId &&
      new InstituteSignIn(config.openId, catalogue, () => `${publicUrl}/api/v1${callbackPath}`);
    const ports: AppPorts = {
      institute,
      ...{
        access,
        sessions,
        invitations: new Invitations(access),
        tickets,
        connection,
        rooms,
        readings,
        history,
        ingest,
        uploads,
        stackLogs,
        stackFrames,
        scaleBars,
      },
      ...{
        bin,
        usage,
        intake,
        events,
        visits,
        blobs,
        tiles,
        jobs,
        logger,
        dataDir,
        webFolder: config.webFolder,
        version: lamellaVersion,
      },
      scope: scopeOf(config),
      publicUrl: () => publicUrl,
      traffic,
      readiness: createReadiness({ sql: store.sql, intake, isStopping: () => stopping.signal.aborted }),
    };
    const exports = createExportJobs({
      ...{ jobs, ingest, tiles, blobs, rooms, stackFrames, version: lamellaVersion },
      workFolder: join(dataDir, "work", "exports"),
      projectName: async (projectId) => (await catalogue.project(projectId))?.name,
      nameOf: async (principalId) => (await catalogue.principal(principalId))?.displayName ?? "unknown",
    });
    releases.push(() => exports.close());

    const routes = createRoutes(ports);
    const app = createApp(ports, routes, certificate !== null);
    const handleTile = createTileHandler({
      tiles,
      tileAccess,
      maySee: async (request, projectId) => {
        const caller = await access.identify(request);
        return caller !== undefined && (await access.standing(caller, projectId))?.rights.has("see") === true;
      },
      requestFrame: (micrographId, signal, frame) => ingest.requestFrame(micrographId, signal, frame),
    });
    const handleImage = createImageHandler({
      tiles,
      pictureAccess: tileAccess,
      paletteOf,
      maySee: async (request, projectId) => {
        const caller = await access.identify(request);
        if (!caller || projectId === undefined) return caller && false;
        return (await access.standing(caller, projectId))?.rights.has("see") === true;
      },
      requestFrame: (micrographId, signal, frame) => ingest.requestFrame(micrographId, signal, frame),
      manifestFacts: (micrographId) => ingest.catalogue.micrograph(micrographId),
      originOf: (request) =>
        config.publicUrl ??
        `http${isEncrypted(request, connection) ? "s" : ""}://${hostOf(request, connection)}`,
    });
    const server = certificate
      ? createHttpsServer({ cert: certificate.cert, key: certificate.key, minVersion: "TLSv1.2" })
      : createHttpServer();
    // Tiles and images for other viewers go ahead of every middleware: a page asks for hundreds.
    server.on("request", (request, response) => {
      logRequest(requestLog, request, response);
      const handlePixels = request.url?.startsWith("/tiles/")
        ? handleTile
        : request.url?.startsWith("/iiif/")
          ? handleImage
          : undefined;
      onBehalfOf(requestIdOf(request), () => {
        if (!handlePixels) return void (openToOtherSites(request, response) || app(request, response));
        handlePixels(request, response).catch((error: unknown) => {
          logger.error({ err: error }, "tile failed");
          response.destroy();
        });
      });
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => socket.destroy());
      logUpgrade(requestLog, request);
      const path = request.url?.split("?", 1)[0] ?? "";
      if (!path.startsWith("/sync/")) return refuseUpgrade(socket, "404 Not Found");
      if (!isOwnOrigin(request, connection)) return refuseUpgrade(socket, "403 Forbidden");
      rooms.handleUpgrade(request, socket, head);
    });

    await ingest.start();
    await uploads.resume();
    await jobs.start();
    releases.push(keepSweeping(bin, logger));
    await listen(server, config);
    releases.push(() => stopListening(server));

    const { port } = server.address() as AddressInfo;
    const url = `${certificate ? "https" : "http"}://${urlHost(config)}:${port}`;
    if (publicUrl === "")
      publicUrl = config.lan ? `https://${lanAddresses()[0] ?? "localhost"}:${port}` : url;
    // A convenience of commands: a disk that is full does not keep the server from reading.
    await noteAddress(dataDir, publicUrl).catch(() => undefined);
    const adminLink = signInAddress(publicUrl, await makeAdministratorLink(dataDir));

    if (config.watch) {
      const { folder, pattern, inPlace } = config.watch;
      const watch = await createFolderWatch({
        ...{ folder, pattern, inPlace, ingest },
        async placeFor(facts) {
          const name = facts["project"] ?? basename(folder);
          const owned = await catalogue.projectsOf(administrator.id);
          const project =
            owned.find((p) => p.name === name) ??
            (await catalogue.addProject({ id: newId(), name, ownerId: administrator.id, demo: false }));
          return { projectId: project.id, principalId: administrator.id };
        },
        isOpen: (micrographId) =>
          rooms.onlineCount([formatRoomName({ kind: "annotations", micrographId })]) > 0,
        setAside: (sourceId, projectId) => bin.binFile(sourceId, projectId, administrator.id),
        report,
      });
      watch.start();
      releases.push(() => watch.close());
    }

    if (config.demo) {
      const demonstration = fillDemonstration(
        {
          ...{ ingest, rooms, catalogue, freshStore, ownerId: administrator.id },
          ...{
            workFolder: join(dataDir, "work", "demonstration"),
            gridPx: config.demoGridPx,
            seed: config.seed,
          },
          report,
        },
        stopping.signal,
      ).catch((error: unknown) => logger.error({ err: error }, "the demonstration could not be made"));
      releases.push(() => demonstration);
    }

    let closed: Promise<void> | undefined;
    return {
      ...{ url, publicUrl, adminLink, dataDir, routes, catalogue, ingest, rooms, store, blobs },
      fingerprint: certificate?.fingerprint ?? null,
      close: () => (closed ??= release()),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Empties the bin of what is old, now and every hour. @returns stops it */
function keepSweeping(bin: Bin, logger: Logger): () => void {
  const sweep = () =>
    void bin.sweep().catch((error: unknown) => logger.error({ err: error }, "the bin could not be emptied"));
  sweep();
  const timer = setInterval(sweep, 3600_000);
  timer.unref();
  return () => clearInterval(timer);
}

async function addFirstToken(catalogue: Catalogue, principalId: string, secret: string): Promise<void> {
  const token = { id: newId(), hash: hashSecret(secret), principalId, name: "LAMELLA_ADMIN_TOKEN" };
  await catalogue.addToken({ ...token, projectId: null, role: null, expiresAtMs: null });
}

async function chooseCertificate({ tls, dataDir }: ServerConfig): Promise<Certificate | null> {
  if (tls.kind === "none") return null;
  return tls.kind === "own" ? ownCertificate(dataDir) : certificateFromFiles(tls.certificate, tls.key);
}
