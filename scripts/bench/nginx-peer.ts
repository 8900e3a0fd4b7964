import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

export interface NginxPeer {
  readonly port: number;
  /** CPU seconds since it was started. */
  cpuS(): Promise<number>;
  stop(): Promise<void>;
}

/** Clock ticks a second of /proc: 100 on every Linux that Node runs on. */
const ticksPerS = 100;

/** nginx on a free port of this computer, one process, sending files from a folder as fast as it can. */
export async function startNginx(program: string, folder: string, files: string): Promise<NginxPeer> {
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
      server { listen 127.0.0.1:${port}; root ${files}; }
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
    async cpuS() {
      const fields = (await readFile(`/proc/${child.pid}/stat`, "utf8")).split(") ")[1]!.split(" ");
      return (Number(fields[11]) + Number(fields[12])) / ticksPerS;
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
