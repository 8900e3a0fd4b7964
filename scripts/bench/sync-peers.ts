import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Pinned, so that a ratio of today means the same tomorrow. 0.1.1 is the last @y/websocket-server for yjs 13. */
const packages = [
  "@hocuspocus/server@4.7.0",
  "@y/websocket-server@0.1.1",
  "yjs@13.6.33",
  "y-protocols@1.0.7",
];

const usage = `
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuS: (user + system) / 1e6, rssMb: process.memoryUsage.rss() / 2 ** 20 });
});
process.on("disconnect", () => process.exit(0));
`;

/** Each as it comes, without persistence. */
const servers = {
  "y-websocket": `
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { setupWSConnection } from "@y/websocket-server/utils";
const require = createRequire(import.meta.url);
const { Server } = createRequire(require.resolve("@y/websocket-server/package.json"))("ws");
const sockets = new Server({ noServer: true });
sockets.on("connection", setupWSConnection);
const http = createServer();
http.on("upgrade", (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request)));
http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));
${usage}`,
  hocuspocus: `
import { Server } from "@hocuspocus/server";
const server = new Server({ address: "127.0.0.1", port: 0, quiet: true, stopOnSignals: false });
await server.listen();
process.send({ port: server.httpServer.address().port });
${usage}`,
} as const;

export type PeerName = keyof typeof servers;

export interface Peers {
  readonly scripts: Readonly<Record<PeerName, string>>;
  remove(): Promise<void>;
}

/**
 * Install the peers into a temporary folder: they are no dependency of this project.
 * @returns undefined where they cannot be installed (no network): the bench then runs alone
 */
export async function installPeers(): Promise<Peers | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "lamella-bench-peers-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "package.json"), '{"private":true,"type":"module"}');
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
    await promisify(execFile)("npm", ["install", ...flags, ...packages], { cwd: folder, timeout: 120_000 });
    const scripts = {} as Record<PeerName, string>;
    for (const [name, text] of Object.entries(servers)) {
      scripts[name as PeerName] = join(folder, `${name}.mjs`);
      await writeFile(scripts[name as PeerName], text);
    }
    return { scripts, remove };
  } catch (cause) {
    await remove();
    console.error(
      `The peers could not be installed; Lamella runs alone. (${(cause as Error).message.split("\n")[0]})`,
    );
    return undefined;
  }
}
