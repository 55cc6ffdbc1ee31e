/** The software GPU that a Chromium carries, for programs that want a Vulkan driver on a machine without one. */
import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from './chromium.ts';

const ICD = 'vk_swiftshader_icd.json';

/** The folder with SwiftShader and a Vulkan loader beside it, or null. */
function folder(): string | null {
  const program = chromium();
  const places = ['/usr/lib/chromium', ...(program ? [dirname(realpathSync(program))] : [])];
  return places.find((place) => existsSync(join(place, ICD))) ?? null;
}

/** Environment variables that point a process to it; none where there is no such folder, which leaves the machine's own GPU. */
export function softwareGpuEnvironment(): Record<string, string> {
  const place = folder();
  if (place === null) return {};
  const libraries = [place, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return { VK_ICD_FILENAMES: join(place, ICD), LD_LIBRARY_PATH: libraries, XDG_RUNTIME_DIR: tmpdir() };
}
