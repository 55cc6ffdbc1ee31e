/** Why a picture got its score, in a report: branches, tiles with where they lie, and the nearest validation pictures. */
import type { Verdict } from '#contract/detection.ts';
import type { Branch } from '#contract/model.ts';
import { tierWords } from '#features/calibration/outside-validation.ts';
import { markup, said, type Html } from '../markup/html.ts';
import { decimal } from '../markup/text.ts';
import { table } from './shared.ts';

const branchWords: Record<Branch, string> = {
  spatial: 'spatial features',
  global: 'global frequencies',
  local: 'local frequencies',
};

export function explanationSection({ explanation, score, width, height }: Verdict): Html | false {
  if (!explanation) return false;
  const { branches, tiles, nearest, parameters } = explanation;
  const { tileSize } = parameters;
  return markup`<h3>What the score came from</h3>
    ${
      branches
        ? table(
            ['With this branch switched off', { head: 'Score', name: 'n' }, { head: 'Change', name: 'n' }],
            branches.map((one) => [
              branchWords[one.branch],
              decimal(one.score, 3),
              decimal(one.score - score, 3),
            ]),
          )
        : markup`<p>What each branch of the network contributed is not available for this model.</p>`
    }
    <div class="tiles">
      ${table(
        ['Tile', 'Upper left corner', { head: 'Logit', name: 'n' }, { head: 'Score without it', name: 'n' }],
        tiles.map(({ x, y, logit, without }, at) => [
          `T${at + 1}`,
          `${x}, ${y}`,
          decimal(logit, 3),
          without === null ? 'none: it is the only tile' : decimal(without, 3),
        ]),
      )}
      <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Where the tiles lie in the picture">
        <rect width="${width}" height="${height}" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke"></rect>
        ${tiles.map(({ x, y }) => markup`<rect x="${x}" y="${y}" width="${tileSize}" height="${tileSize}" fill="currentColor" fill-opacity=".35"></rect>`)}
      </svg>
    </div>
    <p class="small">
      The highest tiles, of ${tileSize} pixels a side, and where they lie in the picture. They show what the
      model went by, not that it was right.
    </p>
    ${
      nearest.length > 0 &&
      markup`${table(
        ['Nearest validation picture', 'It is', 'Saved as', { head: 'Distance', name: 'n' }],
        nearest.map(({ name, photograph, category, tier, distance }) => [
          said(name ?? photograph),
          category === null ? 'untouched' : markup`forged: ${said(category)}`,
          tierWords[tier],
          decimal(distance, 1),
        ]),
      )}
        <p class="small">
          By its frequencies and the model's maps of it; alike in these says nothing about what was done to
          it.
        </p>`
    }`;
}
