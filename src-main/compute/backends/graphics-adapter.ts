/**
 * Which GPUs a machine has, and whether a graphics library that was started in this process really runs on one. No library
 * that we call tells its adapter, so the operating system is asked what the process holds open: a driver of a GPU keeps the
 * GPU's device file open, a software driver has none.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
const text = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
};

/** GPUs by NVIDIA's driver: their product names. Empty without one. */
export function nvidiaGpus(): string[] {
  if (process.platform === 'linux') {
    const folder = '/proc/driver/nvidia/gpus';
    return list(folder).flatMap(
      (gpu) => /^Model:\s*(.+)$/m.exec(text(path.join(folder, gpu, 'information')))?.[1] ?? [],
    );
  }
  if (process.platform !== 'win32') return [];
  try {
    const options = { encoding: 'utf8', timeout: 5000, windowsHide: true } as const;
    const names = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], options);
    return names.split(/\r?\n/).filter((name) => name !== '');
  } catch {
    return [];
  }
}

/**
 * The machine's GPUs, as far as they can be told without starting one: NVIDIA's by name, others on Linux by the numbers of
 * their maker and model on the PCI bus. A Mac's follows from its processor.
 */
export function gpus(): string[] {
  const folder = '/sys/class/drm';
  const others = list(folder)
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => ['vendor', 'device'].map((part) => text(path.join(folder, name, 'device', part))))
    .filter(([vendor]) => vendor !== '' && vendor !== '0x10de')
    .map((numbers) => `PCI ${numbers.join(':')}`);
  return [...nvidiaGpus(), ...others].sort();
}

const gpuDevice = /^\/dev\/(dri\/\w+|nvidia\d+|dxg|kfd|mali\d*|kgsl\S*)$/;
const softwareDrivers: Record<string, RegExp> = {
  SwiftShader: /libvk_swiftshader/,
  lavapipe: /libvulkan_lvp/,
};

/** The device files of GPUs that this process holds open, one entry for each time. Linux only; empty elsewhere. */
export function openGpuDevices(folder = '/proc/self/fd'): string[] {
  return list(folder).flatMap((name) => {
    try {
      const target = readlinkSync(path.join(folder, name));
      return gpuDevice.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}

/**
 * The software driver that graphics run on, by name; null where a GPU was opened, or where neither can be seen.
 * @param before `openGpuDevices` before the library was started
 * @param maps what is loaded into this process, as Linux lists it
 */
export function softwareAdapter(
  before: readonly string[],
  after: readonly string[] = openGpuDevices(),
  maps: string = text('/proc/self/maps'),
): string | null {
  if (after.length > before.length) return null;
  return Object.entries(softwareDrivers).find(([, library]) => library.test(maps))?.[0] ?? null;
}
