/** Writing a report of a case in the workbench, and saving those that were written. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ReportRecord } from '#contract/report.ts';
import ReportDialog from '#renderer/components/reports/ReportDialog.svelte';
import { hash as hashOf } from '../examples.ts';
import { settle, standInWorkbench, type Answers } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const hash = hashOf('a');
const report: ReportRecord = {
  ...{ id: 'r', caseId: 'c', verdictId: null, pictures: 2, format: 'pdf', sha256: hash, bytes: 2048 },
  ...{ contentSha256: hash, head: { entries: 3, hash }, examiner: 'Ada', programVersion: '1', createdAt: 1 },
};

async function show(answers: Answers, chosen: string[] = []): Promise<void> {
  render(WorkbenchProbe, {
    props: {
      component: ReportDialog as unknown as Component<Record<string, unknown>>,
      workbench: standInWorkbench({ jobs: { watch: () => () => undefined }, ...answers }),
      props: { open: true, caseId: 'c', chosen },
    },
  });
  await settle();
  await tick();
}

test('a report of the case is asked for in the format that was chosen', async () => {
  const asked: unknown[] = [];
  await show({
    reports: {
      ofCase: async () => [],
      write: async (input) => {
        asked.push(input);
        return { jobId: 'j' };
      },
    },
  });
  expect(screen.getByText('No report of this case was written yet.')).toBeTruthy();
  await fireEvent.click(screen.getByText('Write PDF'));
  expect(asked).toEqual([{ subject: { case: 'c' }, format: 'pdf' }]);
});

test('where pictures are chosen, the report is of those', async () => {
  const asked: unknown[] = [];
  const write = async (input: unknown) => {
    asked.push(input);
    return { jobId: 'j' };
  };
  await show({ reports: { ofCase: async () => [], write } }, ['e1', 'e2']);
  expect(screen.getByText('Of the 2 chosen')).toBeTruthy();
  await fireEvent.click(screen.getByText('Write HTML'));
  expect(asked).toEqual([{ subject: { case: 'c', items: ['e1', 'e2'] }, format: 'html' }]);
});

test('a report that was written can be saved under a name of its own', async () => {
  await show({ reports: { ofCase: async () => [report] } });
  const link = screen.getByText('Save').closest('a');
  expect(link?.getAttribute('href')).toBe(`/media/${hash}`);
  expect(link?.getAttribute('download')).toBe('report-r.pdf');
  expect(screen.getByText('2 pictures, PDF, 2.0 KiB')).toBeTruthy();
});

test('in the desktop program, which opens no downloads, the host writes it to the place chosen in a dialog', async () => {
  vi.stubGlobal('location', { ...location, protocol: 'app:' });
  onTestFinished(() => void vi.unstubAllGlobals());
  const asked: unknown[] = [];
  await show({
    reports: {
      ofCase: async () => [report],
      save: async (input) => {
        asked.push(input);
        return { path: input.path };
      },
    },
    system: {
      chooseTarget: async (input) => {
        asked.push(input);
        return { path: '/home/ada/report.pdf' };
      },
    },
  });
  await fireEvent.click(screen.getByText('Save'));
  await settle();
  expect(asked).toEqual([
    { what: 'report', name: 'report-r.pdf' },
    { id: 'r', path: '/home/ada/report.pdf' },
  ]);
});
