import { createHash, randomBytes } from "node:crypto";

/** A new secret: 256 bits of chance, 43 URL-safe characters. Shown or sent once; only its hash is stored. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored of a secret. It carries 256 bits of its own, so that one plain SHA-256 cannot be searched back. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** A new opaque id of a record: 16 URL-safe characters, 96 bits of chance. */
export function newId(): string {
  return randomBytes(12).toString("base64url");
}
