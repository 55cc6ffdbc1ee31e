/**
 * A log without what it may name: of each event its time, its level and its sentence; of a failure its kind, its code and
 * the places in the program that it passed. Messages of failures are left out whole, because they name files and cases.
 */
/** What says whether a text may name something. */
export interface Withheld {
  stand(text: string): boolean;
}

const event = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (info|error) (.*)$/;
const kind = /^\s+((?:[A-Z]\w*)?Error)(?: \[(\w+)\])?(?::|$)/;
const code = /^\s+(?:\[?cause\]?: )?code: '(\w+)',?$/;
/** A frame in the program itself: source, or what was built of it. */
const frame = /^\s+at (?:.*[ (])?(?:file:\/\/)?[^ ()]*?((?:out|src-main)\/[\w./-]+:\d+:\d+)\)?(?: \{)?$/;

export function reduceLog(text: string, withheld: Withheld): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const [, time, level, sentence = ''] = event.exec(line) ?? [];
    if (time !== undefined) {
      const kept = withheld.stand(sentence) ? '(left out)' : sentence;
      lines.push(`${time} ${level} ${kept}`);
      continue;
    }
    const name = kind.exec(line);
    const found = name?.[2] ?? code.exec(line)?.[1];
    if (name) lines.push(`  ${name[1]}`);
    if (found !== undefined) lines.push(`  code ${found}`);
    const place = frame.exec(line)?.[1];
    if (place !== undefined) lines.push(`  at ${place}`);
  }
  return `${lines.join('\n')}\n`;
}
