import { expect, test } from 'vitest';
import { explainingBackend, saysNoMemory } from '#compute/backends/explaining-backend.ts';
import type { ComputeBackend } from '#engine/ports.ts';

test.each([
  'Failed to allocate memory for requested buffer of size 1073741824',
  'std::bad_alloc',
  'OOM when allocating tensor with shape[32,64,256,256]',
  'CUDA failure 2: out of memory',
  'Array buffer allocation failed',
  'Aborted(OOM)',
  'WebAssembly is out of memory: 4096 bytes more cannot be had',
])('"%s" says that memory has run out', (message) => {
  expect(saysNoMemory(new Error(message))).toBe(true);
  expect(saysNoMemory(new Error('the function could not be opened', { cause: new Error(message) }))).toBe(
    true,
  );
});

test.each(['Device lost', 'Non-zero status code returned while running Conv node', 'a room is missing'])(
  '"%s" does not',
  (message) => expect(saysNoMemory(new Error(message))).toBe(false),
);

test.each([
  ['out of memory', 'out_of_memory'],
  ['Device lost', 'backend_lost'],
])('"%s" becomes %s, whether a function is prepared or run', async (message, code) => {
  const failing: ComputeBackend = {
    ...{ name: 'ort', provider: 'webgpu', device: 'a GPU' },
    prepare: (name) =>
      name === 'refused'
        ? Promise.reject(new Error(message))
        : Promise.resolve({
            run: () => Promise.reject(new Error(message)),
            dispose: () => Promise.resolve(),
          }),
    dispose: () => Promise.resolve(),
  };
  const backend = explainingBackend(failing);
  const error = { code, message: expect.stringContaining('ort (webgpu, a GPU)') as string };
  await expect(backend.prepare('refused', () => ({}), {})).rejects.toMatchObject(error);
  const prepared = await backend.prepare('taken', () => ({}), {});
  await expect(prepared.run({})).rejects.toMatchObject(error);
});
