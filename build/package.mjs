/**
 * `npm run package`: packs the program for this system, with Electron's runtime; what the packer writes, its bill of
 * materials and SHA-256 sums go to dist/.
 *
 * `npm run package -- --check`: packs with a stand-in for the runtime instead, looks at everything that can be looked at
 * without it, and runs the command line, a short training, a detection and the headless workbench from what was packed.
 *
 * Reproducible as far as the packer is: the same checkout, lockfile and Node give the same archive, libraries, notices and
 * bill of materials, whose hashes are printed. Installers hold the time of their making.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { archiveProblems, fuseProblems, nativeProblems, sizeLimit, sizeOf } from './house/check-package.mjs';
import { build } from './house/compile.mjs';
import { billOfMaterials, components, notices } from './house/components.mjs';
import { drawIcons } from './house/icons.mjs';
import { nativeFiles, sha256 } from './house/native-files.mjs';
import { giveUp, inModules, requireProjectNode, root, run, say } from './house/processes.mjs';
import { runPacked } from './house/run-packed.mjs';
import { makeStandInRuntime } from './house/stand-in-runtime.mjs';
import { sumsName, sumsOf } from './house/sums.mjs';

const { version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json')));
const node = requireProjectNode();

/** Writes what goes into the archive beside the built program. */
async function prepare() {
  await build();
  const list = components(root);
  writeFileSync(join(root, 'out/notices.txt'), notices(list, devDependencies.electron));
  const bill = `${JSON.stringify(billOfMaterials(list, root), null, 2)}\n`;
  writeFileSync(join(root, 'out/bill-of-materials.cdx.json'), bill);
  const natives = nativeFiles(root, process.platform, process.arch);
  writeFileSync(join(root, 'out/native-files.json'), `${JSON.stringify(natives, null, 2)}\n`);
  await drawIcons(join(root, 'out/icons'));
  say(`${list.length} packages with their notices, ${Object.keys(natives).length} native libraries.`);
  return { bill, natives };
}

async function pack(options) {
  const config = join(root, 'build/electron-builder.config.mjs');
  const status = await run(node, [inModules('electron-builder/cli.js'), '--config', config, ...options]);
  if (status !== 0) giveUp('the packer failed; what it said stands above.');
}

async function check(folder) {
  const { natives } = await prepare();
  const runtime = join(folder, 'runtime');
  makeStandInRuntime(runtime, devDependencies.electron);
  const out = join(folder, 'packed');
  await pack(['--dir', `-c.electronDist=${runtime}`, `-c.directories.output=${out}`]);
  const packed = join(out, 'linux-unpacked');
  const archive = join(packed, 'resources/app.asar');

  const { extractAll, listPackage } = await import('@electron/asar');
  const { getCurrentFuseWire } = await import('@electron/fuses');
  const entries = listPackage(archive).map((name) => name.slice(1));
  const entry = (name) => `out/main/${name}`;
  const required = [
    ...readdirSync(join(root, 'out/main'))
      .filter((name) => name.endsWith('.js'))
      .map(entry),
    ...['out/preload/index.cjs', 'out/renderer/index.html', 'out/notices.txt', 'out/native-files.json'],
    ...['out/bill-of-materials.cdx.json', 'package.json', 'LICENSE', 'NOTICE'],
  ];
  const bytes = sizeOf(join(packed, 'resources'));
  const problems = [
    ...archiveProblems(entries, required),
    ...nativeProblems(natives, `${archive}.unpacked`),
    ...fuseProblems(await getCurrentFuseWire(join(packed, 'pentimento'))),
    ...(bytes > sizeLimit ? [`it has ${bytes} bytes, more than ${sizeLimit}`] : []),
  ];
  say(
    `${entries.length} entries, ${(bytes / 1e6).toFixed(1)} MB without the runtime; archive ${sha256(readFileSync(archive))}`,
  );
  if (problems.length > 0) giveUp(`the package is not good:\n  ${problems.slice(0, 40).join('\n  ')}`);

  say('running what was packed ...');
  const program = join(folder, 'program');
  extractAll(archive, program);
  const scenes = join(folder, 'scenes');
  mkdirSync(scenes);
  const { renderScenes } = await import('../src-main/features/samples/scene-renderer.ts');
  for await (const { name, bytes: scene } of renderScenes({ count: 24, seed: 5, width: 128, height: 96 }))
    writeFileSync(join(scenes, name), scene);
  const work = join(folder, 'work');
  mkdirSync(work);
  const { backends, judged } = await runPacked({ program, work, node, scenes, say });
  say(
    `${backends} backends ready, one run trained, ${judged} pictures judged, the workbench answered: the package is good.`,
  );
  say('NOT CHECKED: that it starts in a real Electron, whose runtime is a stand-in here, and any installer.');
}

/** Packs for this system and writes the sums of what came out. */
async function release() {
  const { bill } = await prepare();
  await pack([]);
  const dist = join(root, 'dist');
  writeFileSync(join(dist, `pentimento-${version}.cdx.json`), bill);
  writeFileSync(join(dist, sumsName), sumsOf(dist));
  say(`packed into ${dist}.`);
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
if (values.check) {
  if (process.platform !== 'linux') giveUp('the check packs for Linux, with a stand-in for its runtime.', 2);
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-package-'));
  try {
    await check(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else await release();
