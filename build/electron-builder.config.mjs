/** Packaging: what goes in, what stays beside the archive, which fuses, and what each system is told of the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesOf, isPacked, neededPackages } from './house/packages.mjs';

const root = resolve(import.meta.dirname, '..');
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json')));

/** All packages that npm installed for running, nested ones included; development packages are left out by the packer. */
function* installed(folder = 'node_modules') {
  for (const name of readdirSync(join(root, folder))) {
    if (name.startsWith('.')) continue;
    const path = `${folder}/${name}`;
    if (name.startsWith('@')) yield* installed(path);
    else if (existsSync(join(root, path, 'package.json'))) {
      yield path;
      if (existsSync(join(root, path, 'node_modules'))) yield* installed(`${path}/node_modules`);
    }
  }
}

/** Patterns that leave out every package that is not needed, and of the others the files that do not run. */
export function leftOut(platform, arch) {
  const needed = neededPackages(root);
  const without = [...installed()].filter(
    (path) => ![...needed.keys()].some((n) => n === path || n.startsWith(`${path}/`)),
  );
  const files = [...needed].flatMap(([path, name]) =>
    [...filesOf(join(root, path))]
      .filter((file) => !isPacked(name, file, platform, arch))
      .map((file) => `${path}/${file}`),
  );
  const escaped = (path) => path.replace(/[[\]{}()*?!+@]/g, '\\$&');
  return [...without.map((path) => `!${escaped(path)}/**`), ...files.map((file) => `!${escaped(file)}`)];
}

/** The built program and what ships beside it; without the icons, which go into executables and installers. */
const own = [
  'out/**',
  'resources/**',
  'package.json',
  'LICENSE',
  'NOTICE',
  '!out/.built-from',
  '!out/icons{,/**}',
  '!**/*.map',
];
// Named for each system alone: beside files for all, the packer would take those of a system as additions to everything.
const onlyFor = (platform) => ({ files: [...own, ...leftOut(platform, process.arch)] });

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.pentimento.workstation',
  productName: 'Pentimento',
  copyright: 'Copyright The Pentimento authors',
  directories: { output: 'dist', buildResources: 'build' },
  electronVersion: devDependencies.electron,
  npmRebuild: false, // every native library ships Node-API binaries, which Electron loads as they are
  nodeGypRebuild: false,
  asar: { smartUnpack: false },
  // Only what the system itself has to open; its hashes are in out/native-files.json, inside the archive.
  asarUnpack: ['**/*.{node,dll,dylib}', '**/*.so', '**/*.so.*'],
  extraMetadata: { scripts: {}, devDependencies: {} },
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  fileAssociations: [
    {
      ext: 'pentimento',
      name: 'Pentimento case bundle',
      description: 'A case with its evidence',
      mimeType: 'application/x-pentimento-case',
      role: 'Viewer',
    },
    {
      ext: 'onnx',
      name: 'ONNX model',
      description: 'A detector',
      mimeType: 'application/x-onnx',
      role: 'Viewer',
    },
  ],
  linux: {
    ...onlyFor('linux'),
    target: ['AppImage', 'deb'],
    icon: 'out/icons',
    category: 'Science',
    executableName: 'pentimento',
    maintainer: 'The Pentimento authors <authors@pentimento.invalid>',
  },
  win: { ...onlyFor('win32'), target: ['nsis'], icon: 'out/icons/icon.ico' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  mac: {
    ...onlyFor('darwin'),
    target: ['dmg'],
    icon: 'out/icons/icon.icns',
    category: 'public.app-category.graphics-design',
    hardenedRuntime: true,
  },
};
