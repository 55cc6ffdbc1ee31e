/** Metadata as groups of named fields in words, read by ExifReader. What it cannot read is told, never left out as absent. */
import ExifReader from 'exifreader';

/** By group (`exif`, `iptc`, `xmp`, `icc`, `gps`, `makerNotes`, `pngText` ...) and field. */
export type Groups = Record<string, Record<string, string>>;

const mostFields = 1500;
const mostCharacters = 2000;

export async function readTags(bytes: Buffer): Promise<{ groups: Groups; error: string | null }> {
  let read: Record<string, unknown>;
  try {
    const exact = new Uint8Array(bytes).buffer;
    read = (await ExifReader.load(exact, {
      ...{ expanded: true, includeUnknown: true, async: true },
    })) as unknown as Record<string, unknown>;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Its word for a file without any metadata.
    return { groups: {}, error: /no exif data|invalid image format/i.test(message) ? null : message };
  }
  const groups: Groups = {};
  let fields = 0;
  for (const [group, tags] of Object.entries(read)) {
    if (typeof tags !== 'object' || tags === null || group === 'Thumbnail') continue;
    for (const [name, tag] of Object.entries(tags as Record<string, unknown>)) {
      if (++fields > mostFields)
        return { groups, error: `It holds more than ${mostFields} fields; the rest is not listed.` };
      const text = inWords(tag);
      if (text !== null) (groups[group] ??= {})[name] = text.slice(0, mostCharacters);
    }
  }
  return { groups, error: null };
}

/** The description of a tag where it has one, else its value. */
function inWords(tag: unknown): string | null {
  if (typeof tag === 'string' || typeof tag === 'number') return String(tag);
  if (typeof tag !== 'object' || tag === null) return null;
  const { description, value } = tag as { description?: unknown; value?: unknown };
  if (typeof description === 'string' && description !== '' && description !== '[object Object]')
    return description;
  if (Array.isArray(value) || (typeof value === 'object' && value !== null)) return shortJson(value);
  return value === undefined || value === null ? null : String(value);
}

function shortJson(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, inner: unknown) => (ArrayBuffer.isView(inner) ? '(bytes)' : inner)) ?? ''
    );
  } catch {
    return '(cannot be listed)';
  }
}
