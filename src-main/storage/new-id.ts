/** Identifiers of rows: time-ordered, lower-case, safe as a file name and as a word on the command line. */
import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Nine characters of time (milliseconds, base 32) and nine of chance (45 bits). */
export function newId(now: number = Date.now()): string {
  let time = '';
  for (let rest = now, digit = 0; digit < 9; digit++, rest = Math.floor(rest / 32))
    time = alphabet.charAt(rest % 32) + time;
  return time + Array.from(randomBytes(9), (byte) => alphabet.charAt(byte % 32)).join('');
}
