/** The process that decodes at intake, with a decoder that ends it at some files: by their name, before they are read. */
import { toJudge } from '#contract/judge-messages.ts';

process.prependListener('message', (raw) => {
  const message = toJudge.parse(raw);
  if (message.type !== 'examine') return;
  const { name } = message.request;
  if (/crash/.test(name)) process.kill(process.pid, 'SIGSEGV');
  // As a decoder in native code would, with the thread that answers.
  if (/hang/.test(name)) {
    process.send!({ type: 'stage', id: message.id, stage: 'judging' });
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  }
});
await import('#compute/decoding/examiner-entry.ts');
