import * as idb from "lib0/indexeddb";
import { clearDocument } from "y-indexeddb";
import type { CopyEntry } from "./copy-store.ts";

const databaseName = "lamella-copies";
const copies = "copies";

/** Every copy that this computer keeps for one person, whichever room it is of. */
export interface PersonCopies {
  /** Edits in them that have not reached the server. */
  readonly waiting: number;
  /** Delete them. Rooms that are open must be closed before: a copy in use is deleted when it is let go. */
  forget(): Promise<void>;
}

/** What is kept for a person here, from the index of copies; nothing where the browser keeps nothing. */
export async function copiesOf(principalId: string): Promise<PersonCopies> {
  if (typeof indexedDB === "undefined") return none;
  const database = await idb.openDB(databaseName, (fresh) =>
    idb.createStores(fresh, [[copies], ["rescues"]]),
  );
  const [store] = idb.transact(database, [copies], "readonly");
  const mine = (await idb.getAllKeysValues(store!))
    .map(({ k, v }) => ({ key: String(k), entry: v as CopyEntry }))
    .filter(({ key }) => key.endsWith(`/${principalId}`));
  database.close();
  return {
    waiting: mine.reduce((sum, { entry }) => sum + entry.waiting, 0),
    async forget() {
      for (const { key, entry } of mine) {
        const room = key.slice(0, -principalId.length - 1);
        await clearDocument(`${room}/${entry.epoch ?? "new"}/${principalId}`);
      }
      const again = await idb.openDB(databaseName, () => {});
      const [index] = idb.transact(again, [copies]);
      await Promise.all(mine.map(({ key }) => idb.del(index!, key)));
      again.close();
    },
  };
}

const none: PersonCopies = { waiting: 0, forget: async () => {} };
