/** `timestamp request`, `timestamp import FILE` and `timestamp list`: RFC 3161 time stamps of the audit log's head. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { timeStampText } from '#contract/time-stamp.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export function requestTimeStampVerb(context: Context, options: { out?: string }): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const { head, request } = await handlers.timeStamps.request({});
    const file = options.out === undefined ? null : resolve(options.out);
    if (file !== null) await writeFile(file, Buffer.from(request, 'base64'), { flag: 'wx' });
    out.emit({ entries: head.entries, digest: head.hash, algorithm: 'sha256', request: file });
    out.print(`entries of the log: ${head.entries}`);
    out.print(`SHA-256 to be stamped: ${head.hash}`);
    if (file !== null) out.print(`request: ${file}`);
    return exitStatus.done;
  });
}

export function importTimeStampVerb(
  context: Context,
  file: string,
  options: { trust?: string[] },
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const trust = (options.trust ?? []).map((one) => resolve(one));
    const stamp = await handlers.timeStamps.import({ path: resolve(file), trust });
    out.emit(snakeCase(stamp));
    out.print(timeStampText(stamp));
    return exitStatus.done;
  });
}

export function listTimeStampsVerb(context: Context): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const { timeStamps } = await handlers.timeStamps.list({});
    out.emit({ time_stamps: timeStamps.map(snakeCase) });
    if (timeStamps.length === 0) out.print('This workspace has no time stamp.');
    for (const stamp of timeStamps) out.print(timeStampText(stamp));
    return exitStatus.done;
  });
}
