/** Installs the dependencies where they are missing or the lockfile has changed, and nothing else. */
import { installDependencies } from './house/install.mjs';

await installDependencies();
