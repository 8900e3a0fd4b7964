import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { AccessError } from "./access-error.ts";

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1, tagLength: 32 } as const;
/** Each hash holds 19 MiB and a core for a tenth of a second: more at once would let a stranger stop the server. */
const atOnce = 2;
const queueLimit = 32;

let running = 0;
const queue: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (queue.length >= queueLimit) {
      throw new AccessError(
        "busy",
        "Too many people are signing in at this moment. Try again in a few seconds.",
      );
    }
    await new Promise<void>((resolve) => queue.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next) next();
    else running--;
  }
}

function derive(password: string, parameters: Omit<Argon2Parameters, "message">): Promise<Buffer> {
  const message = Buffer.from(password.normalize("NFKC"));
  return new Promise((resolve, reject) =>
    argon2("argon2id", { ...parameters, message }, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

/**
 * A password as it is stored: PHC string of argon2id.
 * @throws AccessError "weak-password" below 10 or above 256 characters, "busy" where too many wait
 */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < 10 || password.length > 256) {
    throw new AccessError(
      "weak-password",
      `A password needs 10 to 256 characters; this one has ${password.length}. Four random words do well.`,
    );
  }
  const nonce = randomBytes(16);
  const key = await inTurn(() => derive(password, { ...cost, nonce }));
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${nonce.toString("base64url")}$${key.toString("base64url")}`;
}

// A hash of nothing in particular: an unknown name costs as much time as a wrong password.
const decoy = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${Buffer.alloc(16).toString("base64url")}$${Buffer.alloc(32).toString("base64url")}`;

/** @param stored what hashPassword gave, or null for a name that nobody has (always false, in the same time) */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  if (password.length > 256) return false;
  const m = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored ?? decoy);
  if (!m) return false;
  const expected = Buffer.from(m[5]!, "base64url");
  const key = await inTurn(() =>
    derive(password, {
      memory: Number(m[1]),
      passes: Number(m[2]),
      parallelism: Number(m[3]),
      tagLength: expected.length,
      nonce: Buffer.from(m[4]!, "base64url"),
    }),
  );
  return timingSafeEqual(key, expected) && stored !== null;
}
