/** The reviews part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { reviewsApi } from '#contract/review.ts';
import type { ReviewService } from './review.service.ts';

export const reviewProcedures = (reviews: ReviewService): Handlers<typeof reviewsApi> => ({
  ofEvidence: ({ id }) => reviews.ofEvidence(id),
  record: (request) => reviews.record(request),
  open: ({ evidence, reason }) => reviews.open(evidence, reason),
});
