/** The command line: `pentimento <verb>`. CLI.md of the design is its contract; `cli/program.ts` declares the verbs. */
import { AppError } from '#contract/errors.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
let status: number;
if (major < 22 || (major === 22 && minor < 18)) {
  const error = new AppError('unsupported_host', `Node ${process.versions.node} cannot run Pentimento.`);
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
  status = 1;
} else {
  // Loaded late, because the natives behind it crash an old Node rather than fail in it.
  const { runCommandLine } = await import('./cli/program.ts');
  status = await runCommandLine(process.argv.slice(2));
}
// Whatever a native library keeps alive, everything is closed by now. Waits for what a pipe has not taken yet.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
