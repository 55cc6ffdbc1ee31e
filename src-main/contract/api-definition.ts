/**
 * How a procedure is declared: its kind, and the schemas of what goes in and comes out. The server is built from these
 * declarations (a missing handler fails to compile) and so is the client; neither side imports the other.
 */
import type { z } from 'zod';

type Schema = z.ZodType;
export type Procedure<K extends 'query' | 'mutation' | 'subscription', I extends Schema, O extends Schema> = {
  kind: K;
  input: I;
  /** For a subscription: the schema of one event. */
  output: O;
};
export type AnyProcedure = Procedure<'query' | 'mutation' | 'subscription', Schema, Schema>;
/** Procedures by feature: `{ datasets: { list, get, ... }, runs: { ... } }`. */
export type ApiDefinition = Record<string, Record<string, AnyProcedure>>;

/** Reads; changes nothing. */
export const query = <I extends Schema, O extends Schema>(input: I, output: O): Procedure<'query', I, O> => ({
  kind: 'query',
  input,
  output,
});
/** Changes something. */
export const mutation = <I extends Schema, O extends Schema>(
  input: I,
  output: O,
): Procedure<'mutation', I, O> => ({ kind: 'mutation', input, output });
/** Streams events until the client leaves; leaving never ends the work that the events tell of. */
export const subscription = <I extends Schema, O extends Schema>(
  input: I,
  output: O,
): Procedure<'subscription', I, O> => ({ kind: 'subscription', input, output });

/** What a host implements for one procedure. Inputs arrive validated. */
export type Handler<P extends AnyProcedure> = P['kind'] extends 'subscription'
  ? (input: z.output<P['input']>, signal: AbortSignal) => AsyncIterable<z.input<P['output']>>
  : (input: z.output<P['input']>) => z.input<P['output']> | Promise<z.input<P['output']>>;
export type Handlers<G extends Record<string, AnyProcedure>> = { [P in keyof G]: Handler<G[P]> };
export type ApiHandlers<A extends ApiDefinition> = { [G in keyof A]: Handlers<A[G]> };

export type Unsubscribe = () => void;
/** What a client may call for one procedure. */
export type Call<P extends AnyProcedure> = P['kind'] extends 'subscription'
  ? (
      input: z.input<P['input']>,
      on: { event: (event: z.output<P['output']>) => void; error?: (error: Error) => void; end?: () => void },
    ) => Unsubscribe
  : (input: z.input<P['input']>) => Promise<z.output<P['output']>>;
export type Client<A extends ApiDefinition> = { [G in keyof A]: { [P in keyof A[G]]: Call<A[G][P]> } };
