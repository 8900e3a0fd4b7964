import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  openEmbeddedStore,
} from "#server/storage/embedded/embedded-store.ts";
import type { SqlValue, Statement } from "#server/storage/embedded/statement.ts";
import { StorageError } from "#server/storage/storage-error.ts";

/** A real store whose disk says no to every write for as long as `trouble` is set; reading goes on. */
export function failingStore() {
  const disk: { trouble: "full" | "read-only" | null } = { trouble: null };
  const refuse = () => {
    if (disk.trouble !== null)
      throw new StorageError(disk.trouble, `The data folder's disk says ${disk.trouble}.`);
  };
  const openStore = async (options: EmbeddedStoreOptions): Promise<EmbeddedStore> => {
    const store = await openEmbeddedStore(options);
    const write = async (statements: readonly Statement[]) => {
      refuse();
      return store.write(statements);
    };
    const writing = new Set(["append", "bind", "checkpoint", "keepPacked", "newEpoch", "erase"]);
    const documentLog = new Proxy(store.documentLog, {
      get(log, name) {
        const member = Reflect.get(log, name) as unknown;
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          if (writing.has(String(name))) refuse();
          return member.apply(log, args);
        };
      },
    });
    const read = async <Row>(sql: string, params?: readonly SqlValue[]) => store.read<Row>(sql, params);
    return { ...store, write, documentLog, sql: { write, read } };
  };
  return { disk, openStore };
}
