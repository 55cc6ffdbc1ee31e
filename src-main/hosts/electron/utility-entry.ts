/**
 * What a utility process runs first: it gives its channel to the main process the shape of that of a forked Node, then runs
 * the script that it was started for. The scripts know nothing of Electron.
 */
import { pathToFileURL } from 'node:url';

type FromParent = { message: unknown } | { received: number };
interface ParentPort {
  on(event: 'message', listener: (event: { data: FromParent }) => void): void;
  postMessage(message: { id: number; message: unknown }): void;
}
type Callback = (error: Error | null) => void;

const { parentPort } = process as unknown as { parentPort: ParentPort };
/** What is told when the parent has a message, by the message's number. */
const waiting = new Map<number, Callback>();
let next = 0;
/** What came before the script listened. */
let early: unknown[] | null = [];

process.send = (message: unknown, ...rest: unknown[]): boolean => {
  const id = next++;
  const callback = rest.find((value) => typeof value === 'function') as Callback | undefined;
  if (callback) waiting.set(id, callback);
  parentPort.postMessage({ id, message });
  return true;
};
const deliver = (message: unknown): void => void process.emit('message', message, undefined as never);
parentPort.on('message', ({ data }) => {
  if ('received' in data) {
    waiting.get(data.received)?.(null);
    waiting.delete(data.received);
  } else if (early) early.push(data.message);
  else deliver(data.message);
});

await import(pathToFileURL(process.argv[2] as string).href);
for (const message of early) deliver(message);
early = null;
