import { inOrder } from "./migrations.ts";

/**
 * Rooms as the log keeps them. `room_run` is whole: no update is ever removed from it (those before a milestone are
 * packed), a checkpoint only shortens what is read at opening. Numbers rise over all rooms, so they rise within each, and
 * none is given twice. What was committed last may still lie in `room_journal` (`journal-keeper.ts`): whoever reads a
 * room's updates has it filed first.
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
  {
    // kept: 0 the last one, which goes when the next comes; 1 a milestone; 2 the start of an epoch.
    name: "checkpoints along the way; the last update of each mark",
    sql: `
      CREATE TABLE room_checkpoint_along (
        room TEXT NOT NULL REFERENCES room (name),
        seq INTEGER NOT NULL,
        kept INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (room, seq)
      ) STRICT;
      INSERT INTO room_checkpoint_along SELECT room, seq, 0, bytes FROM room_checkpoint;
      DROP TABLE room_checkpoint;
      ALTER TABLE room_checkpoint_along RENAME TO room_checkpoint;
      CREATE TABLE room_mark (
        room TEXT NOT NULL REFERENCES room (name),
        mark TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES room_update (seq),
        PRIMARY KEY (room, mark)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO room_mark
        SELECT room, value, max(room_update.seq) FROM room_update, json_each(touched)
        WHERE room_update.seq <= (SELECT max(seq) FROM room_checkpoint c WHERE c.room = room_update.room)
        GROUP BY room, value;`,
  },
  {
    name: "a journal of commits, filed by room later",
    sql: `
      CREATE TABLE room_journal (
        first_seq INTEGER PRIMARY KEY,
        updates INTEGER NOT NULL,
        entries BLOB NOT NULL
      ) STRICT;`,
  },
  {
    // byte_length: null while an update's bytes stand in its row; then they lie in the segment that spans it.
    name: "history in compressed segments",
    sql: `
      ALTER TABLE room_update ADD COLUMN byte_length INTEGER;
      CREATE TABLE room_segment (
        room TEXT NOT NULL REFERENCES room (name),
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (room, last_seq)
      ) STRICT;`,
  },
  {
    // One a room at most, and nothing of it that the log does not hold; of the room's present epoch, or of no use.
    name: "states packed for opening",
    sql: `
      CREATE TABLE room_packed (
        room TEXT PRIMARY KEY REFERENCES room (name),
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;`,
  },
  {
    // checksum: what `checksums.ts` makes of a row when it is written; null in rows from before.
    // room_journal_aside: groups in which a bit has turned so that they cannot be filed.
    name: "checksums of updates, whole states and the journal; groups of the journal that cannot be read",
    sql: `
      ALTER TABLE room_update ADD COLUMN checksum INTEGER;
      ALTER TABLE room_checkpoint ADD COLUMN checksum INTEGER;
      ALTER TABLE room_journal ADD COLUMN checksum INTEGER;
      CREATE TABLE room_journal_aside (
        first_seq INTEGER PRIMARY KEY,
        updates INTEGER NOT NULL,
        entries BLOB NOT NULL,
        checksum INTEGER
      ) STRICT;`,
  },
  {
    // room_run: `update-run.ts`. An update was a row, and an index row, of its own: four times the work, half as much space
    // again. room_mark names who and when itself. room_sequence: the number the next update gets, but for the journal's.
    name: "updates in runs",
    sql: `
      CREATE TABLE room_run (
        id INTEGER PRIMARY KEY,
        room TEXT NOT NULL REFERENCES room (name),
        epoch TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        updates INTEGER NOT NULL,
        entry_bytes INTEGER NOT NULL,
        packed INTEGER NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX room_run_by_room ON room_run (room, last_seq);
      CREATE TABLE room_sequence (next_seq INTEGER NOT NULL) STRICT;
      INSERT INTO room_sequence
        SELECT coalesce((SELECT seq + 1 FROM sqlite_sequence WHERE name = 'room_update'), 1);
      CREATE TABLE room_mark_of_run (
        room TEXT NOT NULL REFERENCES room (name),
        mark TEXT NOT NULL,
        seq INTEGER NOT NULL,
        principal_id TEXT NOT NULL,
        received_at_ms INTEGER NOT NULL,
        PRIMARY KEY (room, mark)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO room_mark_of_run
        SELECT m.room, mark, seq, principal_id, received_at_ms FROM room_mark m JOIN room_update USING (seq);
      DROP TABLE room_mark;
      ALTER TABLE room_mark_of_run RENAME TO room_mark;`,
    work: "carry over history",
  },
]);
