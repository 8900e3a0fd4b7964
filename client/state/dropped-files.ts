/** A file with its place below what was dropped: "day 2/wire 3/0001.dm4". Sidecars stay beside their images. */
export interface DroppedFile {
  readonly file: File;
  readonly path: string;
}

/** Every file of a drop, folders walked through. Hidden files and the lists that systems leave behind are passed over. */
export async function filesOfDrop(transfer: DataTransfer): Promise<DroppedFile[]> {
  // The list of items dies with the event: entries are taken out before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return filesOfInput(transfer.files);
  const found: DroppedFile[] = [];
  for (const entry of entries) if (entry) await walk(entry, "", found);
  return found.filter(isWanted);
}

export function filesOfInput(files: FileList): DroppedFile[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(isWanted);
}

async function walk(entry: FileSystemEntry, parent: string, found: DroppedFile[]): Promise<void> {
  const path = parent ? `${parent}/${entry.name}` : entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ file, path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A directory is handed out in portions of at most 100 entries; an empty portion is the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return;
    for (const child of portion) await walk(child, path, found);
  }
}

function isWanted({ path }: DroppedFile): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return !name.startsWith(".") && name !== "Thumbs.db" && name !== "desktop.ini";
}
