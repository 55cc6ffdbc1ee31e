/**
 * The router that every transport serves, built from the API's declarations and a host's handlers. Inputs are validated
 * before a handler sees them, outputs before they leave; failures cross as `ErrorData` in `data.error`.
 */
import { initTRPC, TRPCError, type AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import { api, type PentimentoHandlers } from '#contract/api.ts';
import type { AnyProcedure, ApiDefinition, ApiHandlers } from '#contract/api-definition.ts';
import { errorDataOf } from './error-formatter.ts';
import { OnceCalls } from './once-calls.ts';

type AnyCall = (input: unknown) => unknown;
type AnyStream = (input: unknown, signal: AbortSignal) => AsyncIterable<unknown>;

const t = initTRPC.create({
  isDev: false, // no stack traces in answers, whatever NODE_ENV says
  errorFormatter({ shape, error, path }) {
    const data = errorDataOf(error, path);
    return { code: shape.code, message: data.message, data: { code: shape.data.code, error: data } };
  },
});

/** More than any input has; the walk below would otherwise be at the mercy of what is sent. */
const deepest = 100;
/**
 * Whether any text holds a NUL character (none does, and SQLite and file systems end theirs there), or the value is nested
 * deeper than any input.
 */
function isUnfit(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return depth > deepest || Object.values(value).some((part) => isUnfit(part, depth + 1));
}
const fit = z.unknown().refine((input) => !isUnfit(input), 'a NUL character, or nested too deep');

/** What a mutation arrives in: its input, and the name by which it is known again. */
const named = z.object({ call: z.string().min(1).max(80), input: z.unknown() });

function buildProcedure(
  name: string,
  declared: AnyProcedure,
  handler: AnyCall | AnyStream,
  calls: OnceCalls,
) {
  const wanted = fit.pipe(declared.input);
  const procedure = t.procedure.input(wanted);
  switch (declared.kind) {
    case 'query':
      return procedure.output(declared.output).query(({ input }) => (handler as AnyCall)(input));
    case 'mutation':
      return t.procedure
        .input(named)
        .output(declared.output)
        .mutation(({ input: { call, input } }) => {
          const read = wanted.safeParse(input);
          if (!read.success) throw new TRPCError({ code: 'BAD_REQUEST', cause: read.error });
          return calls.make(`${name} ${call}`, () => (handler as AnyCall)(read.data));
        });
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
  const calls = new OnceCalls();
  const groups = Object.entries(definition).map(([name, procedures]) => {
    const group = handlers[name] as Record<string, AnyCall | AnyStream>;
    const built = Object.entries(procedures).map(([procedure, declared]) => {
      const handler = group[procedure];
      if (!handler) throw new Error(`no handler for ${name}.${procedure}`);
      return [
        procedure,
        buildProcedure(`${name}.${procedure}`, declared, handler.bind(group), calls),
      ] as const;
    });
    return [name, t.router(Object.fromEntries(built))] as const;
  });
  return t.router(Object.fromEntries(groups));
}

/** The router of Pentimento's own API. */
export const buildRouter = (handlers: PentimentoHandlers): AnyTRPCRouter => buildRouterOf(api, handlers);
