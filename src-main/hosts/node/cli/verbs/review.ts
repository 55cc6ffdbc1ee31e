/** `review ITEM`: the examiners' reviews of a picture; records one, or opens one that is sealed. */
import { AppError } from '#contract/errors.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import type { Review } from '#contract/review.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, when } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface ReviewOptions {
  verdict?: VerdictLabel;
  reasons?: string;
  open?: string;
}

export function reviewVerb(context: Context, item: string, options: ReviewOptions): Promise<ExitStatus> {
  const { verdict, reasons, open } = options;
  if ((verdict === undefined) !== (reasons === undefined))
    throw new AppError('invalid_input', 'A review is recorded with --verdict and --reasons.');
  return withApp(context, async ({ handlers }) => {
    if (verdict !== undefined) await handlers.reviews.record({ evidence: item, verdict, reasons: reasons! });
    if (open !== undefined) await handlers.reviews.open({ evidence: item, reason: open });
    const reviews = (await handlers.reviews.ofEvidence({ id: item })) as Review[];
    context.out.emit({ reviews: reviews.map(snakeCase) });
    for (const one of reviews) context.out.print(reviewText(one));
    if (reviews.length === 0) context.out.print('No review of this picture is recorded.');
    return exitStatus.done;
  });
}

function reviewText({ position, examiner, createdAt, blind, conclusion }: Review): string {
  const how = position > 1 ? (blind ? ', blind' : ', not blind') : '';
  const said = conclusion
    ? `${conclusion.verdict}: ${conclusion.reasons}`
    : 'sealed until another examiner has recorded theirs';
  return `${position}  ${examiner}, ${when(createdAt)}${how}\n   ${said}`;
}
