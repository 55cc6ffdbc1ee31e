/** Where an export writes its files: a folder, or one zip file. Both hold the same. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { AppError } from '#contract/errors.ts';
import { writeFileWhole } from '#compute/write-file.ts';

export interface ExportTarget {
  /** Adds a file. Errors: `evidence_changed` where its bytes are not those of `hash`, `disk_full`. */
  file(name: string, hash: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  text(name: string, text: string): Promise<void>;
  /** Makes what was added last. Answers with what a person opens first. */
  finish(): Promise<string>;
  /** For an export that cannot be finished. */
  discard(): Promise<void>;
}

/** The manifest of an export. */
export const manifestName = 'manifest.csv';

/** Errors: `invalid_input` where the folder holds something, or the zip is there already. */
export const openTarget = (place: string): Promise<ExportTarget> =>
  place.toLowerCase().endsWith('.zip') ? zipTarget(place) : folderTarget(place);

async function folderTarget(folder: string): Promise<ExportTarget> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new AppError('invalid_input', `${folder} is not empty.`, {
      hint: 'Name a new folder, or an empty one.',
    });
  for (const kind of ['pictures', 'masks']) await mkdir(path.join(folder, kind));
  return {
    async file(name, hash, pieces) {
      const file = await open(path.join(folder, name), 'wx');
      try {
        for await (const piece of hashed(pieces, hash)) await file.writeFile(piece);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    text: (name, text) => writeFileWhole(path.join(folder, name), Buffer.from(text)),
    finish: async () => path.join(folder, manifestName),
    // Without its manifest it is no dataset.
    discard: async () => undefined,
  };
}

async function zipTarget(place: string): Promise<ExportTarget> {
  if ((await stat(place).catch(() => null)) !== null)
    throw new AppError('invalid_input', `${place} is there already.`, { hint: 'Name a new file.' });
  const temporary = `${place}.partial`;
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let failure: unknown = null;
  const written = pipeline(output, createWriteStream(temporary));
  written.catch((error: unknown) => (failure = error));
  // The failure of a file that is added is told by `file`, which reads it.
  zip.on('error', () => undefined);
  const options = { mtime: new Date(), mode: 0o100644 };
  return {
    async file(name, hash, pieces) {
      const source = Readable.from(hashed(pieces, hash), { objectMode: false });
      // Pictures are packed already.
      zip.addReadStream(source, name, { ...options, compress: false });
      await Promise.race([finished(source, { writable: false }), written]);
      if (failure !== null) throw AppError.from(failure);
    },
    text: async (name, text) => zip.addBuffer(Buffer.from(text), name, options),
    async finish() {
      zip.end();
      await written;
      const file = await open(temporary, 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, place);
      return place;
    },
    async discard() {
      output.destroy();
      await written.catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

/** Passes the pieces on. Errors: `evidence_changed` at their end where they are not those of `hash`. */
async function* hashed(pieces: AsyncIterable<Uint8Array>, hash: string): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  for await (const piece of pieces) {
    digest.update(piece);
    yield piece;
  }
  const found = digest.digest('hex');
  if (found !== hash)
    throw new AppError('evidence_changed', `The stored file ${hash} now has the hash ${found}.`, {
      details: { expected: hash, found },
    });
}
