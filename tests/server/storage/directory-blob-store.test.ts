import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { blobStoreContract } from "../../contracts/blob-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

blobStoreContract(async () => DirectoryBlobStore.open(await temporaryFolder()));
