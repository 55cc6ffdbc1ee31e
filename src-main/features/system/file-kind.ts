/** What a file may be by its name, for a person who chooses among files; whoever reads it finds out what it is. */
import path from 'node:path';
import type { DirectoryListing } from '#contract/system.ts';

type FileKind = Exclude<DirectoryListing['entries'][number]['kind'], 'folder'>;

/** Text: tables, hashes, and certificates. */
export const listExtensions = ['csv', 'txt', 'pem', 'crt', 'cer', 'der', 'sha256', 'sha1', 'md5'];
const extensions: Record<FileKind, readonly string[]> = {
  image: ['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'tif', 'tiff', 'avif', 'gif'],
  model: ['onnx'],
  list: listExtensions,
};
const kinds = new Map<string, FileKind>(
  (Object.keys(extensions) as FileKind[]).flatMap((kind) =>
    extensions[kind].map((extension) => [`.${extension}`, kind] as const),
  ),
);

/** Null where it is nothing that can be chosen. */
export const fileKind = (name: string): FileKind | null =>
  kinds.get(path.extname(name).toLowerCase()) ?? null;
