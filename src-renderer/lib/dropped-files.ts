/** What was dropped on the window, folders walked: every file with its path below what was dropped. */

export type DroppedFile = { path: string; file: File };

/** A folder or a file of a drop; a file alone where the browser tells of no place for it, as of what is pasted. */
export type DroppedEntry = FileSystemEntry | File;

/** Takes the entries out of a drop or a paste at once: they are gone when its event is over. */
export function droppedEntries(transfer: DataTransfer): DroppedEntry[] {
  return [...transfer.items].flatMap((item) =>
    item.kind === 'file' ? (item.webkitGetAsEntry() ?? item.getAsFile() ?? []) : [],
  );
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

async function* childrenOf(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  // A reader answers in portions, and with an empty one at the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return;
    yield* portion.sort((a, b) => a.name.localeCompare(b.name));
  }
}

/** Every file of the entries, in order. `onfault` hears of what the browser cannot read. */
export async function* walkDropped(
  entries: Iterable<DroppedEntry> | AsyncIterable<DroppedEntry>,
  onfault: (path: string, cause: unknown) => void,
): AsyncGenerator<DroppedFile> {
  for await (const entry of entries) {
    if (entry instanceof File) {
      yield { path: entry.name, file: entry };
      continue;
    }
    const path = entry.fullPath.replace(/^\//, '');
    try {
      if (entry.isFile) yield { path, file: await fileOf(entry as FileSystemFileEntry) };
      else if (entry.isDirectory) yield* walkDropped(childrenOf(entry as FileSystemDirectoryEntry), onfault);
    } catch (cause) {
      onfault(path, cause);
    }
  }
}
