/** The workspace that is used where none is named: a folder of the operating system's place for application data. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** An absolute path; nothing is created. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const home = homedir();
  if (platform === 'win32')
    return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Pentimento', 'workspace');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Pentimento', 'workspace');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'pentimento', 'workspace');
}
