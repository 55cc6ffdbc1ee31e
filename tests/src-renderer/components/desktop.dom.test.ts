/** What the workbench makes of the desktop around it: menus, recent cases, and files that the program is opened with. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { BundleCheck } from '#contract/bundle.ts';
import type { DesktopEvent } from '#contract/desktop.ts';
import DiagnosticsDialog from '#renderer/components/settings/DiagnosticsDialog.svelte';
import OpenFileDialog from '#renderer/components/desktop/OpenFileDialog.svelte';
import { hash } from '../examples.ts';
import { settle, standInWorkbench, type Answers } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const good: BundleCheck = {
  ...{ ok: true, manifestSha256: hash('a'), case: { id: 'c', name: 'Harbour' }, contents: 'originals' },
  counts: { evidence: 12, verdicts: 1, derived: 2, audit: 3, analyses: 0, reviews: 0 },
  ...{ files: 9, findings: [] },
};

async function show(path: string, answers: Answers) {
  const workbench = standInWorkbench(answers);
  let closed = 0;
  render(WorkbenchProbe, {
    props: {
      component: OpenFileDialog as unknown as Component<Record<string, unknown>>,
      workbench,
      props: { path, onclose: () => (closed += 1) },
    },
  });
  await settle();
  await tick();
  return { workbench, closes: () => closed };
}

test('a bundle is checked, and nothing of it is taken in before the person says so', async () => {
  const imported: unknown[] = [];
  const { workbench, closes } = await show('/x/case.pentimento', {
    jobs: { watch: () => () => undefined },
    bundles: {
      verify: async () => good,
      import: async (input) => {
        imported.push(input);
        return { jobId: 'j' };
      },
    },
  });
  expect(screen.getByText('Harbour')).toBeTruthy();
  expect(screen.getByText('12, with their originals')).toBeTruthy();
  expect(imported).toEqual([]);
  await fireEvent.click(screen.getByText('Take the case in'));
  await settle();
  expect(imported).toEqual([{ path: '/x/case.pentimento' }]);
  expect(workbench.jobs.mine).toEqual(['j']);
  expect(closes()).toBe(1);
});

test('a bundle with something wrong says what, and cannot be taken in', async () => {
  const findings = [{ code: 'file_changed' as const, path: 'originals/a', message: 'It has another hash.' }];
  await show('/x/case.zip', { bundles: { verify: async () => ({ ...good, ok: false, findings }) } });
  expect(screen.getByText('One thing is wrong with this bundle.')).toBeTruthy();
  expect(screen.getByText(/It has another hash/)).toBeTruthy();
  expect(screen.queryByText('Take the case in')).toBeNull();
});

test('a check belongs to the file that was checked: another path has to be checked itself', async () => {
  await show('/x/case.pentimento', { bundles: { verify: async () => good } });
  await fireEvent.input(screen.getByLabelText('Path of the file'), { target: { value: '/x/other.zip' } });
  expect(screen.queryByText('Take the case in')).toBeNull();
  expect(screen.getByText('Check it')).toBeTruthy();
});

test('a failure stays in the dialog, with what to do', async () => {
  await show('/x/case.zip', { bundles: { verify: () => Promise.reject(new Error('It broke.')) } });
  expect(screen.getByRole('alert').textContent).toContain('It broke.');
});

test('what the desktop tells is asked about, opened or done, but a dialog is not talked over', async () => {
  let tell: (event: DesktopEvent) => void = () => undefined;
  const workbench = standInWorkbench({
    desktop: {
      watch: (_, on) => {
        tell = on.event;
        return () => undefined;
      },
    },
  });
  const { desktop, commands } = workbench;
  desktop.follow();
  tell({ type: 'file', file: { what: 'model', path: '/x/m.onnx' } });
  expect(desktop.asking).toBe('/x/m.onnx');
  tell({ type: 'case', id: 'c1' });
  expect(location.hash).toBe('#/cases/c1');
  let given = 0;
  commands.offer({ 'case.new': () => (given += 1) });
  tell({ type: 'command', id: 'case.new' });
  expect(given).toBe(1);
  const dialog = document.body.appendChild(document.createElement('div'));
  dialog.setAttribute('role', 'dialog');
  tell({ type: 'command', id: 'case.new' });
  expect(given).toBe(1);
  dialog.remove();
});

test('one case bundle or model that is dropped is asked about; pictures are not', () => {
  const { desktop } = standInWorkbench();
  const drop = (...names: string[]) =>
    desktop.takeDrop({ files: names.map((name) => new File(['x'], name)) } as unknown as DataTransfer);
  expect(drop('a.jpg')).toBe(false);
  expect(drop('a.zip', 'b.zip')).toBe(false);
  expect(desktop.asking).toBeNull();
  expect(drop('case.pentimento')).toBe(true);
  expect(desktop.asking).toBe('');
});

test('diagnostics are written to the file that the person names, and a failure stays in the dialog', async () => {
  const asked: unknown[] = [];
  const workbench = standInWorkbench({
    diagnostics: {
      collect: async (input) => {
        asked.push(input);
        if (asked.length === 1) throw new Error('There is one.');
        return { path: input.path, bytes: 2048, files: ['README.txt'] };
      },
    },
  });
  render(WorkbenchProbe, {
    props: {
      component: DiagnosticsDialog as unknown as Component<Record<string, unknown>>,
      workbench,
      props: { open: true },
    },
  });
  await settle();
  const collect = screen.getByText<HTMLButtonElement>('Collect');
  expect(collect.disabled).toBe(true);
  await fireEvent.input(screen.getByLabelText('New file'), { target: { value: '/x/new.zip' } });
  await fireEvent.click(collect);
  await settle();
  await tick();
  expect(screen.getByRole('alert').textContent).toContain('There is one.');
  await fireEvent.click(collect);
  await settle();
  await tick();
  expect(asked).toEqual([{ path: '/x/new.zip' }, { path: '/x/new.zip' }]);
  expect(screen.getByText('The file was written, 2.0 KiB.')).toBeTruthy();
});
