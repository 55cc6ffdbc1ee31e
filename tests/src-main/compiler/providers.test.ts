import { expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { ortProviders } from '#compute/backends/ort-providers.ts';

test('the CPU provider is always ready, and an absent provider says why', async () => {
  const providers = await ortProviders();
  expect(providers.find(({ provider }) => provider === 'cpu')).toMatchObject({ ready: true, reason: '' });
  for (const { ready, reason } of providers) expect(reason === '').toBe(ready);
});

test('asking for a provider that this machine does not have is refused with its reason', async () => {
  const absent = (await ortProviders()).filter(({ ready }) => !ready);
  expect(absent.length).toBeGreaterThan(0); // no machine has both DirectML and CoreML
  for (const { provider, reason } of absent)
    await expect(createOrtBackend({ provider: provider as 'dml' })).rejects.toThrow(reason);
});
