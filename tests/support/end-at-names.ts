/** A decoder that ends its process at some files, never comes to an end with them, or answers nonsense: by their names, before they are read. */
import { toJudge, type ToJudge } from '#contract/judge-messages.ts';

type OnPicture = Extract<ToJudge, { request: unknown }>;

/** `crash`, `hang` and `garble` in a name, where `meant` says that the message is one of those that decode. */
export function endAtNames(meant: (message: OnPicture) => boolean): void {
  process.prependListener('message', (raw) => {
    const message = toJudge.parse(raw);
    if (message.type === 'open' || message.type === 'cancel' || !meant(message)) return;
    const { name } = message.request;
    if (/crash/.test(name)) process.kill(process.pid, 'SIGSEGV');
    if (/garble/.test(name)) process.send!({ type: 'examined', id: message.id, examined: 'owned' });
    // As a decoder in native code would, with the thread that answers.
    if (/hang/.test(name)) {
      process.send!({ type: 'stage', id: message.id, stage: 'judging' });
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    }
  });
}
