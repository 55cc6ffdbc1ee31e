/** The most memory that this process has held. */
import { readFileSync } from 'node:fs';

/**
 * Resident memory at its highest, in MB (2^20 bytes); memory of a GPU is not in it. On Linux from `/proc`, because there
 * `resourceUsage().maxRSS` of a child process begins with what its parent held when it was started.
 */
export function peakMegabytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return Number(kilobytes) / 1024;
}
