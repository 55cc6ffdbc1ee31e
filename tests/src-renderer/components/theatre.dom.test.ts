import { render, screen } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { RunSample } from '#contract/training-run.ts';
import TheatreSample from '#renderer/components/training/TheatreSample.svelte';
import { trainingText } from '#renderer/lib/text/training.ts';
import { sampleExample } from '../examples.ts';
import { standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

// Maps are fetched and drawn elsewhere (maps.dom.test.ts); here they stay on their way.
beforeEach(() => void vi.stubGlobal('fetch', () => new Promise(() => undefined)));

/** Shows a sample; gives the labels of its pictures and, kernel by kernel, the number of maps. */
function shown(sample: RunSample): { pictures: string[]; kernels: number[] } {
  render(WorkbenchProbe, {
    props: {
      component: TheatreSample as unknown as Component<Record<string, unknown>>,
      workbench: standInWorkbench(),
      props: { sample },
    },
  });
  return {
    pictures: Array.from(document.querySelectorAll('img'), (image) => image.alt),
    kernels: screen.getAllByRole('group').map((group) => group.querySelectorAll('figure').length),
  };
}

test('a sample of the whole method shows x_T, and each mask beside its map', () => {
  const { pictures, kernels } = shown(sampleExample(10, 0));
  expect(pictures).toContain(trainingText.theatre.styled);
  expect(kernels).toEqual([2, 2]);
});

test('a sample of a mode without style and learned masks shows the maps alone, and no empty place', () => {
  const { pictures, kernels } = shown({ ...sampleExample(10, 0), styled: null, masks: [] });
  expect(pictures).toEqual([
    trainingText.theatre.reference,
    trainingText.theatre.real,
    trainingText.theatre.blended,
  ]);
  expect(kernels).toEqual([1, 1]);
});
