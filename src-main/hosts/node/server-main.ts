/** The headless workbench as a program of its own: `node headless.js [--data-dir DIR] [--port P] [--no-open]`. */
import { parseArgs } from 'node:util';
import { AppError } from '#contract/errors.ts';
import { defaultDataDir } from '../default-data-dir.ts';

function options(): { dataDir: string; port: number; open: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        'data-dir': { type: 'string' },
        port: { type: 'string', default: '0' },
        'no-open': { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`${values.port} is not a port from 0 to 65535`);
    return { dataDir: values['data-dir'] ?? defaultDataDir(), port, open: !values['no-open'] };
  } catch (error) {
    throw new AppError('invalid_input', error instanceof Error ? error.message : String(error), {
      hint: 'The options are --data-dir DIR, --port P and --no-open.',
    });
  }
}

function fail(cause: unknown): void {
  const { code, message, hint } = AppError.from(cause);
  process.stderr.write(`${code}: ${message}\n${hint}\n`);
  process.exitCode = code === 'invalid_input' ? 2 : 1;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18))
  fail(new AppError('unsupported_host', `Node ${process.versions.node} cannot run the workbench.`));
else
  // Loaded late, because the natives behind it crash an old Node rather than fail in it.
  import('./run-workbench.ts').then(({ runWorkbench }) => runWorkbench(options())).catch(fail);
