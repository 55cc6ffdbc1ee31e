/** The process that decodes to show, with a decoder that ends it at some files; at those named `whole`, only at full resolution. */
import { endAtNames } from './end-at-names.ts';

endAtNames(
  (message) =>
    message.type === 'view' && (message.request.level === 0 || !/whole/.test(message.request.name)),
);
await import('#compute/viewing/entry.ts');
