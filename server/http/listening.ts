import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ServerConfig } from "#server/config.ts";
import { ConfigError } from "#server/config-error.ts";
import type { Scope } from "./app-ports.ts";

/** How long answers under way may take once the server is going down. */
const graceMs = 2_000;

/** From where a server that listens so can be reached. */
export function scopeOf({ behindProxy, host }: ServerConfig): Scope {
  if (behindProxy) return "proxy";
  return host === "localhost" || host === "::1" || host.startsWith("127.") ? "this-computer" : "lan";
}

/** What stands in the address of a page for the address that is listened on. */
export function urlHost({ host }: ServerConfig): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

/** Ends a socket that asked for an upgrade, with a status in words of HTTP. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** @throws ConfigError `port-taken`, with what to do where the system says why */
export function listen(server: Server, { host, port }: ServerConfig): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = {
      EADDRINUSE: `Port ${port} is taken by another program, perhaps by a Lamella that runs already. Choose another: --port ${port + 1}`,
      EACCES: `Port ${port} needs rights that this user does not have. Choose one above 1023: --port 8080`,
      EADDRNOTAVAIL: `This computer has no address ${host}. Give one of its own with --host, or 0.0.0.0 for all.`,
    };
    reject(
      new ConfigError(
        "port-taken",
        reasons[cause.code ?? ""] ?? `Cannot listen on ${host}:${port}: ${cause.message}.`,
      ),
    );
  });
  server.listen(port, host, resolve);
  return promise;
}

/** Takes no more calls; those under way may end within the time of grace. */
export async function stopListening(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  // Upgraded sockets are not the server's any more; the rooms close them right after.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, graceMs + 100).unref())]);
  clearTimeout(timer);
}
