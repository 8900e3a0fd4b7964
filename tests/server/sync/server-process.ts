import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { phantomTiff } from "../http/phantom-tiff.ts";
import { adminToken, byCookie, byToken, cookieOf, linkSecret, type Visitor } from "../http/running-server.ts";

export interface ServerProcess {
  readonly process: ChildProcess;
  readonly url: string;
  /** Where rooms are. */
  readonly sync: string;
  call<T = unknown>(method: string, path: string, as: Visitor, body?: object | Uint8Array): Promise<T>;
}

/** The server as people run it, in a process of its own that may be killed: `lamella serve` on a free port. */
export async function startProcess(dataDir: string): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ["server/cli.ts", "serve", "--port", "0", "--no-demo", "--data", dataDir],
    {
      env: {
        ...process.env,
        LAMELLA_ADMIN_TOKEN: adminToken,
        LAMELLA_LOG: "silent",
        INIT_CWD: process.cwd(),
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    printed += chunk;
    if (printed.includes(dataDir)) break;
  }
  child.stdout!.resume();
  const url = /Address\s+(http:\S+)/.exec(printed)?.[1];
  if (!url) throw new Error(`The server did not start: ${printed}`);
  return {
    process: child,
    url,
    sync: `${url.replace("http", "ws")}/sync`,
    async call<T>(method: string, path: string, as: Visitor, body?: object | Uint8Array) {
      const isBytes = body instanceof Uint8Array;
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...as,
          "content-type": isBytes ? "application/octet-stream" : "application/json",
        },
        ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return (answer.status === 204 ? undefined : await answer.json()) as T;
    },
  };
}

export async function end(server: ServerProcess, signal: "SIGKILL" | "SIGTERM"): Promise<unknown[]> {
  const exited = once(server.process, "exit");
  server.process.kill(signal);
  return exited;
}

/** A project with one micrograph, and people with accounts who may draw in it. @returns its room and who they are */
export async function settle(
  server: ServerProcess,
  names: readonly string[],
): Promise<{ readonly room: string; readonly visitors: ReadonlyMap<string, Visitor> }> {
  const admin = byToken(adminToken);
  const { id: projectId } = await server.call<{ id: string }>("POST", "/projects", admin, { name: "p" });
  const visitors = new Map<string, Visitor>();
  for (const name of names) {
    const made = await server.call<{ principal: { id: string }; url: string }>("POST", "/people", admin, {
      name,
    });
    await server.call("PUT", `/projects/${projectId}/members/${made.principal.id}`, admin, {
      role: "annotator",
    });
    const signedIn = await fetch(`${server.url}/api/v1/session/link`, {
      method: "POST",
      headers: { "x-lamella": "1", "content-type": "application/json" },
      body: JSON.stringify({ token: linkSecret(made.url) }),
    });
    visitors.set(name, byCookie(cookieOf(signedIn)));
  }
  const { source } = await server.call<{ source: string }>(
    "POST",
    `/projects/${projectId}/micrographs?name=a.tif`,
    admin,
    await phantomTiff(1),
  );
  for (;;) {
    const { micrographs } = await server.call<{ micrographs: string[] }>("GET", `/sources/${source}`, admin);
    if (micrographs.length > 0) return { room: `micrograph:${micrographs[0]}:annotations`, visitors };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
