import { expect, it, onTestFinished } from "vitest";
import { type AnnotationSession, openAnnotationSession } from "#client/session/annotation-session.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { messageTypes } from "#core/protocol/messages.ts";
import { createRandom } from "#core/random/generator.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { replayHere } from "#server/sync/replay.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { listen } from "#tests/server/sync/running-server.ts";
import { square } from "#tests/server/sync/square.ts";

const room = "micrograph:micrograph1:annotations";
const marks = 1_500;
const random = createRandom(Number(process.env.SEED ?? 4));

interface Opened {
  readonly session: AnnotationSession;
  /** Type and second number of each message. */
  readonly heard: readonly (readonly [number, number])[];
}

async function open(serverUrl: string, who: string): Promise<Opened> {
  const heard: [number, number][] = [];
  class Listening extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener("message", ({ data }) => {
        const bytes = new Uint8Array(data as ArrayBuffer);
        heard.push([bytes[0]!, bytes[1]!]);
      });
    }
  }
  const session = openAnnotationSession({
    ...{ micrographId: "micrograph1", serverUrl, principalId: who, localCopy: false },
    ticket: async () => who,
    WebSocketImpl: Listening as typeof WebSocket,
  });
  onTestFinished(() => session.close());
  await new Promise<void>((resolve) => {
    const look = () => {
      if (session.connection.getState().state === "saved") resolve();
    };
    session.connection.subscribe(look);
    look();
  });
  return { session, heard };
}

/** In how many pieces it comes is not what this is about. */
const packedKinds = ({ heard }: Opened) => [
  ...new Set(heard.flatMap(([type, kind]) => (type === messageTypes.packed ? [kind] : []))),
];

it("P7 opens a large room packed, the second time in the shorter encoding, with all that came since", async () => {
  let packings = 0;
  let packed = () => {};
  const rooms = new RoomServer({
    log: new MemoryDocumentLog(),
    limits: { checkpointAfterUpdates: 4 },
    replay: {
      ...replayHere,
      pack: async (parts) => {
        const bytes = await replayHere.pack(parts);
        packings++;
        // Once it has been taken in.
        setImmediate(() => packed());
        return bytes;
      },
    },
    authorise: async () => ({
      admit: true,
      principal: { principalId: "anna", name: "Anna", colour: "#224466" },
      mayWrite: true,
    }),
  });
  const { url, stop } = await listen(rooms);
  onTestFinished(stop);
  const serverUrl = url.replace(/\/sync$/, "");
  await rooms.writeAsServer(room, "anna", (doc) => {
    const document = openAnnotationDocument(doc);
    for (let i = 0; i < marks; i++)
      document.execute({ type: "create", id: createRecordId(random), annotation: square });
    document.close();
  });
  const sizeOf = ({ session }: Opened) => session.document.annotations().size;

  const repacked = new Promise<void>((resolve) => (packed = resolve));
  const first = await open(serverUrl, "anna");
  expect(packedKinds(first)).toEqual([1]);
  expect(sizeOf(first)).toBe(marks);
  await repacked;

  const second = await open(serverUrl, "anna");
  expect(packedKinds(second)).toEqual([2]);
  expect(sizeOf(second)).toBe(marks);
  expect(packings).toBe(1);

  // Edits since come with the step 2 that follows, also when the whole state has been stored anew meanwhile.
  for (let i = 1; i <= 10; i++) {
    const before = sizeOf(second);
    const arrived = new Promise<void>((resolve) => {
      const stop = second.session.document.subscribe(() => {
        if (sizeOf(second) > before) resolve(stop());
      });
    });
    first.session.document.execute({ type: "create", id: createRecordId(random), annotation: square });
    await arrived;
    const later = await open(serverUrl, "anna");
    expect(packedKinds(later)).toHaveLength(1);
    expect(sizeOf(later)).toBe(marks + i);
    await later.session.close();
  }
});
