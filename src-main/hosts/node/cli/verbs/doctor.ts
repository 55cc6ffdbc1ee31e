/** `doctor`: what this machine offers, and for each thing that is absent, why. */
import { AppError } from '#contract/errors.ts';
import type { SystemReport } from '#contract/system.ts';
import { backendStatuses } from '../../../backend-status.ts';
import { programVersion } from '../../../program-files.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

type Facts = Pick<SystemReport, 'version' | 'node' | 'electron' | 'backends'>;

function show({ out }: Context, facts: Facts, storage: object): void {
  const { version, node, electron, backends } = facts;
  out.emit({ version, node, electron, backends, storage: snakeCase(storage) });
  out.print(
    `Pentimento ${version}, Node ${node}, ${electron === null ? 'no Electron' : `Electron ${electron}`}`,
  );
  out.print(
    table(
      ['backend', 'provider', 'ready', 'device', 'why not'],
      backends.map(({ name, provider, ready, device, reason }) => [
        name,
        provider,
        ready ? 'yes' : 'no',
        device,
        reason,
      ]),
    ),
  );
  for (const [name, value] of Object.entries(snakeCase(storage) as object))
    out.print(`${name.replaceAll('_', ' ')}: ${value}`);
}

export async function doctorVerb(context: Context): Promise<ExitStatus> {
  try {
    return await withApp(context, async ({ handlers }) => {
      const report = await handlers.system.report({});
      show(context, report, report.storage);
      return exitStatus.done;
    });
  } catch (cause) {
    // A workspace that cannot be opened is itself a finding; the rest is told all the same.
    const { code, message, hint } = AppError.from(cause);
    const facts = {
      version: programVersion,
      node: process.versions.node,
      electron: null,
      backends: await backendStatuses(),
    };
    show(context, facts, {
      workspace: context.dataDir,
      writable: false,
      problem: `${code}: ${message} ${hint}`,
    });
    return exitStatus.failed;
  }
}
