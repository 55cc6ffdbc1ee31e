/**
 * The mark of pictures that this program rendered: written into their metadata, and looked for when a file is read, so that
 * a sample scene is labelled as rendered wherever it comes back from.
 */

/** Written as the EXIF ImageDescription. (libvips would cut a text at an opening bracket.) */
export const renderedNotice = 'Rendered by Pentimento, sample scene';

/** Whether an EXIF block carries the mark. */
export const carriesRenderedNotice = (exif: Buffer | undefined): boolean =>
  exif?.includes(renderedNotice) ?? false;
