import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { ConfigError } from "../config-error.ts";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, as browsers show it. */
  readonly fingerprint: string;
}

const lifetimeDays = 825; // Longer ones are refused by browsers on some systems.

/** Addresses of this computer on its networks. */
export function lanAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80"))
    .map(({ address }) => address);
}

/** The installation's own certificate: made at first start, kept in the data folder for its owner alone. */
export async function ownCertificate(dataDir: string): Promise<Certificate> {
  const folder = join(dataDir, "tls");
  const [certPath, keyPath] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const stored = await readPair(certPath, keyPath).catch(() => undefined);
  // One that ends within a month is replaced in time, at a start that somebody watches.
  if (stored && Date.parse(new X509Certificate(stored.cert).validTo) > Date.now() + 30 * 86_400_000)
    return stored;
  const now = Date.now();
  const made = await generate([{ name: "commonName", value: hostname() }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(now - 86_400_000),
    notAfterDate: new Date(now + lifetimeDays * 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...["localhost", hostname(), `${hostname()}.local`].map((value) => ({ type: 2 as const, value })),
          ...["127.0.0.1", "::1", ...lanAddresses()].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [path, text] of [
    [keyPath, made.private],
    [certPath, made.cert],
  ] as const) {
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
  return readPair(certPath, keyPath);
}

/** @throws ConfigError "certificate" where the files cannot be read or do not belong together */
export async function certificateFromFiles(certPath: string, keyPath: string): Promise<Certificate> {
  try {
    return await readPair(certPath, keyPath);
  } catch (cause) {
    throw new ConfigError(
      "certificate",
      `Expected --tls CERT,KEY to name a PEM certificate and its key; ${(cause as Error).message}.`,
    );
  }
}

async function readPair(certPath: string, keyPath: string): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certPath, "utf8"), readFile(keyPath, "utf8")]);
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}
