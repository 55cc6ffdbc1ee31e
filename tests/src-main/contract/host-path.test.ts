/** Places that a call names are found wherever its schema has them. */
import { expect, test } from 'vitest';
import { analysesApi } from '#contract/analysis.ts';
import { namedPaths } from '#contract/host-path.ts';

test('folders that an analysis compares with are places of its call, whatever the analysis is called', () => {
  const references = {
    'camera-pattern': { kind: 'files', paths: ['/camera', '/more'] },
    spectrum: { kind: 'dataset', dataset: '/no-place' },
  };
  expect(namedPaths(analysesApi.start.input, { case: 'c', references })).toEqual([
    { path: '/camera', use: 'read' },
    { path: '/more', use: 'read' },
  ]);
});
