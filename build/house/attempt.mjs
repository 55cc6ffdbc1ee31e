/** Remembers for a day that something could not be fetched, so that every later start takes seconds. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { inModules } from './processes.mjs';

const day = 24 * 60 * 60 * 1000;
const note = (name) => inModules(`.pentimento-without-${name}`);

/** Whether fetching `name` failed within the last day. */
export function failedLately(name) {
  const found = statSync(note(name), { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs < day;
}

/** Records how fetching `name` went. */
export function remember(name, succeeded) {
  if (succeeded) rmSync(note(name), { force: true });
  else writeFileSync(note(name), new Date().toISOString());
}
