/** `worker DIR...`: judges pictures of a queue for another machine; NDJSON, a line when it is ready, and as each picture is taken and answered. */
import path from 'node:path';
import { runWorker } from '#features/triage/redis/worker.ts';
import { programVersion } from '../../../program-files.ts';
import type { Context } from '../context.ts';
import { shownAddress } from '#features/triage/redis/queue-connection.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface WorkerVerbOptions {
  queue: string;
  model: string;
  name: string;
  lease: number;
}

/** `DIR`, or `THERE=HERE`; the last equals sign counts. */
function sharedFolder(text: string) {
  const at = text.lastIndexOf('=');
  const here = path.resolve(text.slice(at + 1));
  return { there: at < 1 ? here : path.normalize(text.slice(0, at)), here };
}

export async function workerVerb(
  { out, signal }: Context,
  folders: string[],
  { queue, model, name, lease }: WorkerVerbOptions,
): Promise<ExitStatus> {
  await runWorker(
    {
      ...{ address: queue, model, name, version: programVersion, leaseSeconds: lease },
      folders: folders.map(sharedFolder),
    },
    {
      signal,
      ready: (sha256) => {
        out.emit({ event: 'ready', model: sha256, name });
        out.note(`Connected to ${shownAddress(queue)}: waiting for pictures, with model ${sha256}.`);
      },
      taken: (file) => out.emit({ event: 'taken', path: file }),
      answered: (file, outcome) => {
        const error = outcome.kind === 'failed' ? outcome.error : null;
        out.emit({ event: 'answered', path: file, ...(error ? { error } : {}) });
        out.print(
          `${error ? 'failed  ' : 'answered'}  ${file}${error ? `\n          ${error.code}: ${error.message}` : ''}`,
        );
      },
    },
  );
  return exitStatus.done;
}
