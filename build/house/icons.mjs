/** The program's icons, from the one drawing in build/icons/icon.svg: PNG for Linux, ICO for Windows, ICNS for macOS. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './processes.mjs';

/** ICNS types that hold a PNG of that size. */
const icnsTypes = { 128: 'ic07', 256: 'ic08', 512: 'ic09', 1024: 'ic10' };
const icoSizes = [16, 24, 32, 48, 256];

/** @param {Map<number, Buffer>} pngs by size */
export function ico(pngs) {
  const images = [...pngs];
  const directory = Buffer.alloc(6 + 16 * images.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  for (const [i, [size, png]] of images.entries()) {
    const at = 6 + 16 * i;
    directory.writeUInt8(size % 256, at); // 0 stands for 256
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([directory, ...images.map(([, png]) => png)]);
}

/** @param {Map<number, Buffer>} pngs by size */
export function icns(pngs) {
  const block = (type, body) => {
    const head = Buffer.alloc(8, type, 'latin1');
    head.writeUInt32BE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  return block('icns', Buffer.concat([...pngs].map(([size, png]) => block(icnsTypes[size], png))));
}

/** Writes `<N>x<N>.png`, `icon.ico` and `icon.icns` into `folder`. */
export async function drawIcons(folder) {
  const { default: sharp } = await import('sharp');
  const drawing = readFileSync(join(root, 'build/icons/icon.svg'));
  const draw = (size) => sharp(drawing, { density: 288 }).resize(size, size).png().toBuffer();
  const drawn = async (sizes) => {
    const pngs = new Map();
    for (const size of sizes) pngs.set(size, await draw(size));
    return pngs;
  };
  mkdirSync(folder, { recursive: true });
  for (const [size, png] of await drawn([16, 32, 48, 64, 128, 256, 512]))
    writeFileSync(join(folder, `${size}x${size}.png`), png);
  writeFileSync(join(folder, 'icon.ico'), ico(await drawn(icoSizes)));
  writeFileSync(join(folder, 'icon.icns'), icns(await drawn(Object.keys(icnsTypes).map(Number))));
}
