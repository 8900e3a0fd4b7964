import { spawn } from "node:child_process";
import { cpuOfProcess } from "../process-tree.ts";
import { freePort } from "./nginx-peer.ts";

export interface IipsrvPeer {
  /** Where it waits for FastCGI. */
  readonly port: number;
  cpuS(): Promise<number>;
  stop(): Promise<void>;
}

/** iipsrv as Debian installs it, waiting for a web server; images are named by their place below `folder`. */
export async function startIipsrv(program: string, folder: string): Promise<IipsrvPeer> {
  const port = await freePort();
  const child = spawn(program, ["--bind", `127.0.0.1:${port}`, "--backlog", "64"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      FILESYSTEM_PREFIX: `${folder}/`,
      LOGFILE: "/dev/null",
      VERBOSITY: "0",
      JPEG_QUALITY: "85",
      MAX_IMAGE_CACHE_SIZE: "64",
    },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  return {
    port,
    cpuS: async () => cpuOfProcess(child.pid!),
    async stop() {
      child.kill();
      await ended;
    },
  };
}
