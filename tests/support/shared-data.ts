/** The photographs that lie beside the project and are no part of it: `../shared/data`. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Their folder, or null where it is absent; tests that need it are then skipped by name.
 * @throws Error where it is absent although PENTIMENTO_REQUIRE_SHARED_DATA=1 says that it may not be.
 */
export function sharedData(): string | null {
  const folder = resolve(import.meta.dirname, '../../../shared/data');
  if (existsSync(folder)) return folder;
  if (process.env['PENTIMENTO_REQUIRE_SHARED_DATA'] === '1')
    throw new Error(`PENTIMENTO_REQUIRE_SHARED_DATA is set, and ${folder} is absent`);
  return null;
}
