/**
 * The router that every transport serves, built from the API's declarations and a host's handlers. Inputs are validated
 * before a handler sees them, outputs before they leave; failures cross as `ErrorData` in `data.error`.
 */
import { initTRPC, type AnyTRPCRouter } from '@trpc/server';
import { api, type PentimentoHandlers } from '#contract/api.ts';
import type { AnyProcedure, ApiDefinition, ApiHandlers } from '#contract/api-definition.ts';
import { errorDataOf } from './error-formatter.ts';

type AnyCall = (input: unknown) => unknown;
type AnyStream = (input: unknown, signal: AbortSignal) => AsyncIterable<unknown>;

const t = initTRPC.create({
  isDev: false, // no stack traces in answers, whatever NODE_ENV says
  errorFormatter({ shape, error, path }) {
    const data = errorDataOf(error, path);
    return { code: shape.code, message: data.message, data: { code: shape.data.code, error: data } };
  },
});

function buildProcedure(declared: AnyProcedure, handler: AnyCall | AnyStream) {
  const procedure = t.procedure.input(declared.input);
  switch (declared.kind) {
    case 'query':
      return procedure.output(declared.output).query(({ input }) => (handler as AnyCall)(input));
    case 'mutation':
      return procedure.output(declared.output).mutation(({ input }) => (handler as AnyCall)(input));
    case 'subscription':
      return procedure.subscription(async function* ({ input, signal }) {
        const events = (handler as AnyStream)(input, signal ?? new AbortController().signal);
        for await (const event of events) yield declared.output.parse(event);
      });
  }
}

/**
 * Builds a tRPC router for any API definition. Handlers are called as methods of their group, so that a feature's
 * service may be handed over as it is.
 */
export function buildRouterOf<A extends ApiDefinition>(
  definition: A,
  handlers: ApiHandlers<A>,
): AnyTRPCRouter {
  const groups = Object.entries(definition).map(([name, procedures]) => {
    const group = handlers[name] as Record<string, AnyCall | AnyStream>;
    const built = Object.entries(procedures).map(([procedure, declared]) => {
      const handler = group[procedure];
      if (!handler) throw new Error(`no handler for ${name}.${procedure}`);
      return [procedure, buildProcedure(declared, handler.bind(group))] as const;
    });
    return [name, t.router(Object.fromEntries(built))] as const;
  });
  return t.router(Object.fromEntries(groups));
}

/** The router of Pentimento's own API. */
export const buildRouter = (handlers: PentimentoHandlers): AnyTRPCRouter => buildRouterOf(api, handlers);
