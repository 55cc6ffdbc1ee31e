/** The process that decodes at intake, with a decoder that ends it at some files. */
import { endAtNames } from './end-at-names.ts';

endAtNames(() => true);
await import('#compute/decoding/examiner-entry.ts');
