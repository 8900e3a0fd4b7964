import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { Cable } from "./cable.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { writePhantomFile } from "./phantom-file.ts";
import { Reviewer } from "./reviewer.ts";

const token = "fixed-token-of-the-walks-0123456789abcdef";

/** Two people in one lab: what their walks need. Filled before the first of them begins. */
export interface Together {
  lab: Lab;
  ada: Reviewer;
  grace: Reviewer;
}

interface Member {
  readonly name: string;
  readonly role: string;
}

/** A server with one project, some micrographs and people at their browsers, made over the API: for walks that begin there. */
export class Lab {
  readonly server: LamellaProcess;
  /** Between every browser and the server. */
  readonly cable: Cable;
  readonly projectId: string;
  readonly #folder: string;
  #micrographId = "";
  readonly #ids = new Map<string, string>();
  readonly #reviewers: Reviewer[] = [];

  private constructor(folder: string, server: LamellaProcess, cable: Cable, projectId: string) {
    this.#folder = folder;
    this.server = server;
    this.cable = cable;
    this.projectId = projectId;
  }

  /** @param micrographs names of micrographs that all show the same wire, one for each walk */
  static async open(...micrographs: readonly string[]): Promise<Lab> {
    const folder = mkdtempSync(join(tmpdir(), "lamella-lab-"));
    const server = await LamellaProcess.start(join(folder, "data"), {
      args: ["--no-demo"],
      env: { LAMELLA_ADMIN_TOKEN: token },
    });
    const cable = await Cable.plug(() => server.port);
    const project = await callAs(server)<{ id: string }>("POST", "/projects", { name: "Sb on TiN" });
    const lab = new Lab(folder, server, cable, project.id);
    const bytes = readFileSync(writePhantomFile(folder, "wire.dm4").path);
    for (const name of micrographs) {
      // A file that is there already is not taken again: one grey value tells them apart.
      bytes[bytes.length >> 1]!++;
      const query = new URLSearchParams({ name: `${name}.dm4` });
      const answer = await fetch(`${server.url}/api/v1/projects/${project.id}/micrographs?${query}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: bytes,
      });
      if (!answer.ok) throw new Error(`${name} was not taken: ${answer.status} ${await answer.text()}`);
    }
    return lab;
  }

  /** One call of the API as the administrator. */
  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return callAs(this.server)<T>(method, path, body);
  }

  /** Lets people in and puts each at a browser. */
  async seat(...members: readonly Member[]): Promise<readonly Reviewer[]> {
    const seated = await Promise.all(
      members.map(async ({ name, role }) => {
        const made = await this.call<{ principal: { id: string }; url: string }>("POST", "/people", { name });
        this.#ids.set(name, made.principal.id);
        await this.setRole(name, role);
        const reviewer = await Reviewer.arrive();
        await reviewer.signIn(this.throughCable(made.url));
        return reviewer;
      }),
    );
    this.#reviewers.push(...seated);
    return seated;
  }

  /** Everybody opens this micrograph, as soon as it is ready. */
  async gather(name: string): Promise<void> {
    const ready = async () => {
      const path = `/projects/${this.projectId}/gallery`;
      const { micrographs } = await this.call<Pick<Gallery, "micrographs">>("GET", path);
      return micrographs.find((one) => one.name === name && one.status === "ready")?.id;
    };
    this.#micrographId = (await vi.waitUntil(ready, { timeout: 60_000, interval: 200 }))!;
    await Promise.all(
      this.#reviewers.map(async (reviewer) => {
        await reviewer.page.goto(`http://127.0.0.1:${this.cable.port}/micrographs/${this.#micrographId}`);
        await reviewer.picture.waitFor();
        await reviewer.seesState("saved");
      }),
    );
  }

  idOf(name: string): string {
    return this.#ids.get(name)!;
  }

  setRole(name: string, role: string): Promise<void> {
    return this.call("PUT", `/projects/${this.projectId}/members/${this.idOf(name)}`, { role });
  }

  throughCable(address: string): string {
    return address.replace(`:${this.server.port}`, `:${this.cable.port}`);
  }

  /** What is on the server's disk. */
  async marks(): Promise<readonly Annotation[]> {
    const path = `/micrographs/${this.#micrographId}/annotations`;
    return (await this.call<{ annotations: Annotation[] }>("GET", path)).annotations;
  }

  async close(): Promise<void> {
    await Promise.all(this.#reviewers.map((reviewer) => reviewer.leave()));
    await this.cable.remove();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const callAs =
  (server: LamellaProcess) =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  };
