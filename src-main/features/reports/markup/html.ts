/**
 * Markup in which every value is escaped: only what `markup` itself was given as template text becomes tags. Characters that
 * cannot be seen and change how a line reads (control characters, marks that turn the direction of writing, lone
 * surrogates) are written out, because a file's name may hold any of them.
 */

/** Text that is markup already. Only this module makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
export type Value = string | number | Html | null | undefined | false | readonly Value[];

/** Cut after so many characters, with a word that it was; the whole stands in the report's data. */
const shownCharacters = 4000;

// Zero-width joiners are left alone: names in several scripts need them.
const unseen =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text between tags and in quoted attributes alike. Line ends and tabs are kept. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => entities[character]!)
    .replaceAll(unseen, (character) =>
      character === '\n' || character === '\t' ? character : codeOf(character),
    );
}

const codeOf = (character: string): string =>
  `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`;

export function markup(strings: TemplateStringsArray, ...values: Value[]): Html {
  let text = strings[0]!;
  for (const [index, value] of values.entries()) text += textOf(value) + strings[index + 1]!;
  return new Html(text);
}

function textOf(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return escaped(String(value));
}

/** What a file or a person said, on one line: in its own direction of writing, which does not reach beyond it. */
export function said(text: string): Html {
  return isolated(text.replaceAll(/[\n\t]/g, codeOf), '');
}

/** The same over several lines. */
export const prose = (text: string): Html => isolated(text, 'prose');

function isolated(text: string, name: string): Html {
  const whole = Array.from(text);
  const rest = whole.length - shownCharacters;
  const shown = rest > 0 ? whole.slice(0, shownCharacters).join('') : text;
  return markup`<bdi${name && new Html(` class="${name}"`)}>${shown}</bdi>${
    rest > 0 && markup` <em>(${rest} more characters stand in the data of this report)</em>`
  }`;
}
