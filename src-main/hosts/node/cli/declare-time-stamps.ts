/** `timestamp`: the commands and their options. */
import type { Command } from 'commander';
import type { Perform } from './perform.ts';

export function declareTimeStamps(program: Command, perform: Perform): void {
  const stamps = program.command('timestamp').description('time stamps of the audit log, made elsewhere');
  stamps
    .command('request')
    .description('the digest to be stamped: the head of the log')
    .option('--out <file>', 'write an RFC 3161 request (.tsq) for it; the file must not be there yet')
    .action((options) =>
      perform(async (c) => (await import('./verbs/timestamp.ts')).requestTimeStampVerb(c, options)),
    );
  stamps
    .command('import')
    .description('take a token (.tsr or .tst) in, and check it')
    .argument('<file>', 'what the authority answered')
    .option(
      '--trust <file...>',
      "certificates, PEM or DER, to one of which the authority's must lead; without it, its chain is not judged",
    )
    .action((file, options) =>
      perform(async (c) => (await import('./verbs/timestamp.ts')).importTimeStampVerb(c, file, options)),
    );
  stamps
    .command('list')
    .description('list them; `verify --workspace` checks them again')
    .action(() => perform(async (c) => (await import('./verbs/timestamp.ts')).listTimeStampsVerb(c)));
}
