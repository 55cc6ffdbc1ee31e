/** `bench ui`: a real Chromium on the real headless workbench, over a workspace that is made for it. Nothing is kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '#features/method-study/provenance.ts';
import { serveWorkbench } from '../../serve-workbench.ts';
import { ChromiumPage } from '../../ui-benchmark/chromium-page.ts';
import { benchmarkUi } from '../../ui-benchmark/ui-benchmark.ts';
import { makeUiWorkspace, type UiWorkspace } from '../../ui-benchmark/ui-workspace.ts';
import { withApp, type Context } from '../context.ts';
import { measuredText } from '../measured-text.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

const size = { width: 1366, height: 768 };
const quickly = { items: 2000, photographs: 60 };
const wholly = { items: 100_000, photographs: 240 };

export async function benchUiVerb(
  { out, signal }: Context,
  options: { quick?: boolean },
): Promise<ExitStatus> {
  const folder = await mkdtemp(join(os.tmpdir(), 'pentimento-bench-ui-'));
  const dataDir = join(folder, 'workspace');
  const report = (text: string): void => out.note(text);
  try {
    let made: UiWorkspace | undefined;
    report('Making a workspace');
    await withApp({ dataDir }, async (app) => {
      made = await makeUiWorkspace(app, folder, options.quick ? quickly : wholly);
      return exitStatus.done;
    });
    const workbench = await serveWorkbench({ dataDir, port: 0 });
    try {
      const page = await ChromiumPage.open(size);
      try {
        const cases = await benchmarkUi({ page, url: workbench.url, made: made!, signal, report });
        const measured = { machine: thisMachine(), cases };
        out.emit(measured);
        out.print(measuredText(measured, { value: 3, ratio: 2 }));
      } finally {
        await page.close();
      }
    } finally {
      await workbench.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  out.print(
    `Values are held against their limits, at ${size.width}x${size.height}. The machine's load a minute ago and now: ${os
      .loadavg()
      .slice(0, 2)
      .map((load) => load.toFixed(1))
      .reverse()
      .join(', ')}.`,
  );
  return exitStatus.done;
}
