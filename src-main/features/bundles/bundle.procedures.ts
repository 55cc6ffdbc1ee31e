/** The bundles part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { bundlesApi } from '#contract/bundle.ts';
import type { BundleService } from './bundle.service.ts';

export const bundleProcedures = (bundles: BundleService): Handlers<typeof bundlesApi> => ({
  export: (request) => bundles.export(request),
  import: (request) => bundles.import(request),
  verify: ({ path }) => bundles.verify(path),
});
