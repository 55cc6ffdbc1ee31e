/** The verification part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { verificationApi } from '#contract/verification.ts';
import type { VerificationService } from './verification.service.ts';

export const verificationProcedures = (
  verification: VerificationService,
): Handlers<typeof verificationApi> => ({
  start: () => verification.start(),
});
