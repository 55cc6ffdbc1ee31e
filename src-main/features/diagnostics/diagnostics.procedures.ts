/** The diagnostics part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { diagnosticsApi } from '#contract/diagnostics.ts';
import type { DiagnosticsService } from './diagnostics.service.ts';

export const diagnosticsProcedures = (diagnostics: DiagnosticsService): Handlers<typeof diagnosticsApi> => ({
  collect: ({ path }) => diagnostics.collect(path),
});
