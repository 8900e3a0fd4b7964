import { resolve } from "node:path";
import { hashSecret, newId, newSecret } from "../access/secrets.ts";
import { readConfig } from "../config.ts";
import { ConfigError } from "../config-error.ts";
import { startServer } from "../main.ts";

/** The API of a server, running elsewhere or started for this one command, and a project there. */
export interface ProjectClient {
  readonly projectId: string;
  /** @throws ConfigError with the server's own sentence */
  call(method: string, path: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

export const here = () => process.env.INIT_CWD ?? process.cwd();

/** @param options `server`: address of a running one, else the data folder of a stopped one is opened */
export async function openProject(
  name: string,
  options: { readonly server?: string | undefined; readonly data?: string | undefined },
): Promise<ProjectClient> {
  const { url, token, close } = options.server
    ? { url: options.server, token: process.env.LAMELLA_TOKEN ?? "", close: async () => {} }
    : await startForOneCommand(resolve(here(), options.data ?? "data"));
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(new URL(`/api/v1${path}`, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer;
    const told = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null;
    throw new ConfigError("usage", told?.error?.message ?? `${url} answered ${answer.status} to ${path}.`);
  };
  try {
    const { projects } = (await (await call("GET", "/projects")).json()) as {
      projects: { id: string; name: string }[];
    };
    const found = projects.filter((project) => project.name === name || project.id === name);
    if (found.length !== 1) {
      throw new ConfigError(
        "usage",
        `Expected one project called "${name}"; there are ${found.length}. Its id can be given instead.`,
      );
    }
    return { projectId: found[0]!.id, call, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server on a free port of this computer, with a token that ends with it. */
async function startForOneCommand(dataDir: string) {
  const config = readConfig(["--port", "0", "--no-demo", "--data", dataDir], { LAMELLA_LOG: "error" });
  const server = await startServer(config);
  const [id, secret] = [newId(), newSecret()];
  const { id: principalId } = (await server.catalogue.administrator())!;
  const scope = { projectId: null, role: null, expiresAtMs: null };
  await server.catalogue.addToken({
    id,
    hash: hashSecret(secret),
    principalId,
    name: "one command",
    ...scope,
  });
  const close = async () => {
    await server.catalogue.revokeToken(id, principalId);
    await server.close();
  };
  return { url: server.url, token: secret, close };
}
