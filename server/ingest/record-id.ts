import { randomBytes } from "node:crypto";

/** A new opaque record id: 16 URL-safe characters, 96 bits of chance. */
export function createId(): string {
  return randomBytes(12).toString("base64url");
}
