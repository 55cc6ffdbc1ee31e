/** Puts an EXIF block with a thumbnail into a JPEG file, as cameras write it: IFD0 without entries, IFD1 with the place and size. */
export function withThumbnail(picture: Buffer, thumbnail: Buffer): Buffer {
  const entries = [
    [0x0201, 4, 1, 44],
    [0x0202, 4, 1, thumbnail.length],
  ] as const;
  const tiff = Buffer.alloc(44);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(0, 8);
  tiff.writeUInt32LE(14, 10);
  tiff.writeUInt16LE(entries.length, 14);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 16 + 12 * i;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  });
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, thumbnail]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([picture.subarray(0, 2), head, content, picture.subarray(2)]);
}
