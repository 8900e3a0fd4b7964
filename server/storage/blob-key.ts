import { StorageError } from "./storage-error.ts";

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/**
 * A key is 1 to 8 names of letters, digits, `.`, `_`, `-` joined by `/`; no name starts with a dot, so that no key can
 * leave a driver's folder or meet its own files.
 * @returns the key @throws StorageError "key"
 */
export function checkBlobKey(key: string): string {
  const names = key.split("/");
  if (key.length > 300 || names.length > 8 || !names.every((name) => segment.test(name))) {
    throw new StorageError(
      "key",
      `Expected a key such as "originals/<sha256>" (letters, digits, ".", "_", "-"); got "${key.slice(0, 100)}".`,
      { key },
    );
  }
  return key;
}
