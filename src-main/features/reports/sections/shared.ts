/** Parts that several sections of a report share. */
import type { VerdictLabel } from '#contract/detection.ts';
import { markup, Html, type Value } from '../markup/html.ts';
import { colourTable } from '#compute/decoding/colour-table.ts';
import type { ReportImages } from '../report-images.ts';
import { measured } from '../markup/text.ts';

export const verdictWords: Record<VerdictLabel | 'none', string> = {
  real: 'Real',
  simulated: 'Simulated',
  inconclusive: 'Inconclusive',
  none: 'No verdict',
};

export const verdictChip = (verdict: VerdictLabel | null): Html =>
  markup`<span class="verdict ${verdict ?? 'none'}">${verdictWords[verdict ?? 'none']}</span>`;

export const hash = (value: string): Html => markup`<span class="hash">${value}</span>`;

export const bullets = (lines: readonly Value[]): Html | false =>
  lines.length > 0 &&
  markup`<ul>
    ${lines.map((line) => markup`<li>${line}</li>`)}
  </ul>`;

/** Two columns: what it is, and what it is here. Those that are null are left out. */
export const facts = (rows: readonly (readonly [string, Value] | null | false)[], name?: 'dense'): Html =>
  markup`<table${name && markup` class="${name}"`}>
    <tbody>
      ${rows.map(
        (row) =>
          row &&
          markup`<tr>
            <th scope="row">${row[0]}</th>
            <td>${row[1]}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

export type Column = string | { head: string; name: string };

/** @param name a class of the style sheet, for the whole table */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
  name?: 'dense',
): Html => {
  const names = columns.map((column) =>
    typeof column === 'string' ? new Html('') : markup` class="${column.name}"`,
  );
  return markup`<table${name && markup` class="${name}"`}>
    <thead>
      <tr>
        ${columns.map(
          (column, at) =>
            markup`<th scope="col"${names[at]}>${typeof column === 'string' ? column : column.head}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          markup`<tr>
            ${row.map((cell, at) => markup`<td${names[at]}>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
};

/** One of the report's pictures; where it is missing, a word that it is. */
export function image(images: ReportImages, key: string, alternative: string): Html {
  const found = images.get(key);
  if (!found)
    return markup`<span class="gone">The stored file could not be read, or was not what it had been.</span>`;
  const { src, width, height } = found;
  // report-file.ts reads it back: one line, in this order.
  return markup`<img data-image="${key}" width="${width}" height="${height}" alt="${alternative}" src="${src}">`;
}

/** The colours of maps, in a few steps of `rgb(r,g,b)`. */
export const ramp: readonly string[] = [0, 32, 64, 96, 128, 160, 192, 224, 255].map(
  (at) => `rgb(${[...colourTable.subarray(3 * at, 3 * at + 3)].join(',')})`,
);

/** So many stand in a row that none is left alone in the next, and that many take no more than half a page. */
const columnsFor = (count: number): number => (count > 10 ? 6 : [5, 9, 10].includes(count) ? 5 : 4);

/** Figures in rows. */
export const mapRow = (figures: readonly Html[]): Html | false =>
  figures.length > 0 &&
  markup`<div class="row of-${columnsFor(figures.length)}">
    ${figures}
  </div>`;

/** The legend of a map. */
export const legend = (min: number, max: number, unit: string): Html =>
  markup`<span class="ramp"></span>
    <span class="ends"><span>${measured(min)}</span><span>${unit}</span><span>${measured(max)}</span></span>`;
