/** The libraries that analyses name beside their results, with the versions that are installed. */
import { createRequire } from 'node:module';
import type { Library } from './analysis.ts';

const load = createRequire(import.meta.url);

/** @param packageName as it is imported @param name as results name it, where that differs */
export function library(packageName: string, name = packageName): Library {
  const { version } = load(`${packageName}/package.json`) as { version: string };
  return { name, version };
}
