/** What is in a zip file, by name. */
import { openPromise } from 'yauzl';

export async function zipContents(file: string): Promise<Record<string, Buffer>> {
  const zip = await openPromise(file);
  const found: Record<string, Buffer> = {};
  for await (const entry of zip.eachEntry()) {
    const pieces: Buffer[] = [];
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    found[entry.fileName] = Buffer.concat(pieces);
  }
  return found;
}
