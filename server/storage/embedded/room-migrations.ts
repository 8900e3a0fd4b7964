import { inOrder } from "./migrations.ts";

/**
 * Rooms as the log keeps them. `room_update` is whole: nothing is ever removed from it, a checkpoint only shortens what
 * is read at opening. `seq` rises over all rooms, so it rises within each.
 */
export const roomMigrations = inOrder("rooms", [
  {
    name: "rooms, updates, checkpoints, client ids",
    sql: `
      CREATE TABLE room (
        name TEXT PRIMARY KEY,
        epoch TEXT NOT NULL
      ) STRICT;
      CREATE TABLE room_update (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        room TEXT NOT NULL REFERENCES room (name),
        epoch TEXT NOT NULL,
        principal_id TEXT NOT NULL,
        received_at_ms INTEGER NOT NULL,
        touched TEXT NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;
      CREATE INDEX room_update_by_room ON room_update (room, seq);
      CREATE TABLE room_checkpoint (
        room TEXT PRIMARY KEY REFERENCES room (name),
        seq INTEGER NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;
      CREATE TABLE room_client (
        room TEXT NOT NULL REFERENCES room (name),
        client_id INTEGER NOT NULL,
        principal_id TEXT NOT NULL,
        PRIMARY KEY (room, client_id)
      ) STRICT, WITHOUT ROWID;`,
  },
]);
