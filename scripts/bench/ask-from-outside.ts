import { spawn } from "node:child_process";

const client = `
import http from "node:http";
const { port, paths, count } = JSON.parse(process.argv[1]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
let next = 0;
const one = () => new Promise((resolve, reject) => {
  const headers = { "accept-encoding": "gzip, deflate" };
  http.get({ host: "127.0.0.1", port, path: paths[next++ % paths.length], agent, headers, timeout: 10000 }, (response) => {
    if (response.statusCode !== 200) return reject(new Error("status " + response.statusCode));
    response.on("end", resolve).resume();
  }).on("timeout", function () { this.destroy(new Error("no answer within 10 s")); }).on("error", reject);
});
await Promise.all(Array.from({ length: 8 }, async () => { while (next < count) await one(); }));
process.exit(0);
`;

/** Requests from another process, eight at a time: what it costs to ask is not what it costs to answer. */
export function askFromOutside(port: number, paths: readonly string[], count: number): Promise<void> {
  const argument = JSON.stringify({ port, paths, count });
  const child = spawn(process.execPath, ["--input-type=module", "-e", client, argument], {
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`The client ended with code ${code}.`)),
    );
  });
}
