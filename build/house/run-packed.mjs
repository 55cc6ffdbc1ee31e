/**
 * Runs what is in a packed archive under plain Node, which cannot read archives: the archive is taken apart into an empty
 * folder, with nothing of the checkout in reach, and does there what a person does first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** @param program folder of the archive's contents @param work an empty folder @param node the Node to run it with */
export async function runPacked({ program, work, node, scenes, say }) {
  const home = join(work, 'home');
  mkdirSync(home, { recursive: true });
  const env = { HOME: home, PATH: '/usr/bin:/bin', TMPDIR: work };
  const data = ['--data-dir', join(work, 'workspace')];
  const cli = (...args) => {
    say(`  ${args.slice(0, 2).join(' ')} ...`);
    const ran = spawnSync(node, [join(program, 'out/main/cli.js'), ...args, ...data, '--json'], {
      cwd: work,
      env,
      encoding: 'utf8',
      timeout: 400_000,
      maxBuffer: 64 * 2 ** 20,
    });
    if (ran.status !== 0)
      throw new Error(
        `${args[0]} ended with ${ran.status}: ${ran.stdout.slice(-2000)}${ran.stderr.slice(-2000)}`,
      );
    return ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const config = join(import.meta.dirname, 'tiny-training.json');
  const model = join(work, 'detector.onnx');

  const [doctor] = cli('doctor');
  if (!doctor.backends.some(({ ready }) => ready)) throw new Error('doctor finds no backend that is ready');
  cli('import', scenes, '--dataset', 'scenes', '--label', 'real');
  const train = ['--config', config, '--steps', '4', '--seed', '1', '--backend', 'wasm'];
  const events = cli('train', '--dataset', 'scenes', ...train);
  const { event, run } = events.at(-1);
  if (event !== 'done') throw new Error(`training ended as ${event}`);
  if (events.some(({ code }) => /batch/.test(code ?? '')))
    throw new Error('the thread of the batches was replaced');
  cli('export', run, '--out', model);
  const judged = cli('detect', scenes, '--model', model).filter((line) => 'verdict' in line);
  if (judged.length === 0) throw new Error('nothing was judged');
  await serve(node, join(program, 'out/main/headless.js'), data, { cwd: work, env });
  return { backends: doctor.backends.filter(({ ready }) => ready).length, judged: judged.length };
}

/** The headless workbench of the archive answers with its page, and ends when it is asked to. */
async function serve(node, entry, data, options) {
  const child = spawn(node, [entry, '--no-open', ...data], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface(child.stdout);
  const url = await Promise.race([new Promise((resolve) => lines.once('line', resolve)), ended]);
  if (typeof url !== 'string') throw new Error('the packed workbench did not start');
  const page = await (await fetch(url)).text();
  child.kill('SIGTERM');
  const status = await ended;
  if (!page.includes('<title>Pentimento</title>') || status !== 0)
    throw new Error(`the packed workbench ended with ${status}`);
}
