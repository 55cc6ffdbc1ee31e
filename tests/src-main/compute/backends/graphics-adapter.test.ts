/** Telling a GPU from a driver that computes on the processor. */
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openGpuDevices, softwareAdapter } from '#compute/backends/graphics-adapter.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const loaded = '7f00-7f10 r-xp 00000000 08:01 1 /usr/lib/chromium/libvk_swiftshader.so';

test('only device files of GPUs count among what a process holds open', () => {
  const folder = temporaryFolder();
  const targets = ['/dev/null', '/dev/dri/renderD128', 'socket:[7]', '/dev/nvidia0', '/dev/nvidiactl'];
  targets.forEach((target, i) => symlinkSync(target, path.join(folder, String(i))));
  expect(openGpuDevices(folder).sort()).toEqual(['/dev/dri/renderD128', '/dev/nvidia0']);
});

test('a software driver is named where no GPU was opened beside it', () => {
  expect(softwareAdapter([], [], loaded)).toBe('SwiftShader');
  // CUDA had opened the GPU before; graphics did not
  expect(softwareAdapter(['/dev/nvidia0'], ['/dev/nvidia0'], loaded)).toBe('SwiftShader');
  expect(softwareAdapter([], [], loaded.replace('vk_swiftshader', 'vulkan_lvp'))).toBe('lavapipe');
});

test('a driver that opened a GPU is none, and neither is one that is not known', () => {
  expect(softwareAdapter([], ['/dev/dri/renderD128'], loaded)).toBeNull();
  expect(softwareAdapter([], [], '/usr/lib/libvulkan_radeon.so')).toBeNull();
});
