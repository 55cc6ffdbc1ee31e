/** How a declared command is carried out. */
import type { Context } from './context.ts';
import type { ExitStatus } from './output.ts';

export type Perform = (verb: (context: Context) => Promise<ExitStatus>) => Promise<void>;
