/** `bundle`: the command and its options. */
import { Option, type Command } from 'commander';
import type { Perform } from './perform.ts';

export function declareBundles(program: Command, perform: Perform): void {
  program
    .command('bundle')
    .description('write a case as one zip file, or take one in')
    .argument('[case]', 'id or name')
    .option('--out <file>', 'the zip file to write; it must not be there yet')
    .option('--hashes-only', 'leave the originals out')
    .addOption(
      new Option('--import <file>', 'take the case of this bundle in').conflicts(['out', 'hashesOnly']),
    )
    .action((name, options) =>
      perform(async (c) => (await import('./verbs/bundle.ts')).bundleVerb(c, name, options)),
    );
}
