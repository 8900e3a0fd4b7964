import { MemoryBlobStore } from "#server/storage/memory/memory-blob-store.ts";
import { MemoryBroadcast } from "#server/storage/memory/memory-broadcast.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { blobStoreContract } from "../../contracts/blob-store.ts";
import { broadcastContract } from "../../contracts/broadcast.ts";
import { documentLogContract } from "../../contracts/document-log.ts";

documentLogContract({ open: async () => new MemoryDocumentLog() });
blobStoreContract(async () => new MemoryBlobStore());
broadcastContract(async () => {
  const bell = new MemoryBroadcast();
  return [bell, bell];
});
