import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { cpuOfProcess } from "../process-tree.ts";

export interface NginxPeer {
  readonly port: number;
  /** CPU seconds since it was started. */
  cpuS(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * nginx on a free port of this computer, one process, sending files from a folder as fast as it can.
 *
 * @param fastCgi port of a FastCGI program that answers /fcgi, where there is one
 */
export async function startNginx(
  program: string,
  folder: string,
  files: string,
  fastCgi?: number,
): Promise<NginxPeer> {
  const port = await freePort();
  await mkdir(join(folder, "temporary"), { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, "temporary", name)};`,
  );
  const config = `
    daemon off; master_process off; pid ${join(folder, "nginx.pid")}; error_log stderr error;
    events { worker_connections 64; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type image/jpeg;
      open_file_cache max=1000; ${temporary.join(" ")}
      server {
        listen 127.0.0.1:${port}; root ${files};
        ${fastCgi === undefined ? "" : fastCgiLocation(fastCgi)}
      }
    }`;
  const path = join(folder, "nginx.conf");
  await writeFile(path, config);
  const child = spawn(program, ["-p", folder, "-c", path, "-e", "stderr"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  for (let attempt = 0; ; attempt++) {
    const answers = await fetch(`http://127.0.0.1:${port}/0.jpg`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (answers) break;
    if (attempt === 100)
      throw new Error(`Expected ${program} to answer on port ${port}; it did not within 10 s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    port,
    cpuS: async () => cpuOfProcess(child.pid!),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function fastCgiLocation(port: number): string {
  const names = {
    QUERY_STRING: "query_string",
    REQUEST_METHOD: "request_method",
    REQUEST_URI: "request_uri",
  };
  const params = Object.entries(names).map(([name, variable]) => `fastcgi_param ${name} $${variable};`);
  return `location = /fcgi { fastcgi_pass 127.0.0.1:${port}; fastcgi_keep_conn on; ${params.join(" ")} }`;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
