/**
 * Inputs for calls, made from the schemas that declare them: mostly of the right shape, with hostile values in any place.
 * The same seed gives the same inputs.
 */
import type { z } from 'zod';
import { namedPaths } from '#contract/host-path.ts';
import { Random } from '#engine/random.ts';

export interface FuzzerOptions {
  seed: number | string;
  /** Ids that exist, so that calls reach what lies behind them. */
  ids: readonly string[];
  /** Places that no call may reach; fields that are declared as places hold one of them, or something hostile. */
  places: readonly string[];
  /** Whether hostile values are put in; with `false`, every place is one of `places`. */
  hostile?: boolean;
}

/** The parts of Zod's definitions that are walked. */
type Definition = {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  items?: readonly z.ZodType[];
  shape?: Record<string, z.ZodType>;
  options?: readonly z.ZodType[];
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  values?: readonly unknown[];
  entries?: Record<string, string>;
};

const deep = (depth: number): unknown => (depth === 0 ? 'end' : { a: deep(depth - 1) });
const hostile: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => '',
  () => '\0',
  () => '../../../../etc/passwd',
  () => '/etc/passwd',
  () => 'C:\\Windows\\win.ini',
  () => '\\\\server\\share\\file',
  () => "'; DROP TABLE datasets; --",
  () => '<img src=x onerror=alert(1)>',
  () => '__proto__',
  () => 'x'.repeat(5000),
  () => '\ud800',
  () => '${jndi:ldap://x/}',
  () => -1,
  () => 0,
  () => 0.5,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => Number.MAX_SAFE_INTEGER,
  () => 2 ** 40,
  () => true,
  () => [],
  () => ({}),
  // An own `__proto__` does not pass the decoder, so that its call could not be answered by its number.
  () => ({ constructor: { prototype: { polluted: true } } }),
  () => Uint8Array.of(1, 2, 3),
  () => new Date(0),
  () => deep(80),
  () => Array.from({ length: 2000 }, (_, i) => i),
];

export class SchemaFuzzer {
  readonly #random: Random;
  readonly #options: FuzzerOptions;

  constructor(options: FuzzerOptions) {
    this.#random = new Random(options.seed);
    this.#options = options;
  }

  /** One input; about half of them are as the schema wants them. */
  input(schema: z.ZodType): unknown {
    const spoilt = (this.#options.hostile ?? true) ? 0.15 : 0;
    return this.#value(schema, this.#chance(0.5) ? 0 : spoilt);
  }

  #chance(share: number): boolean {
    return this.#random.uniform() < share;
  }

  #one<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random.uniform() * values.length)] as T;
  }

  #text(schema: z.ZodType): string {
    const { ids, places } = this.#options;
    if (namedPaths(schema, 'a place').length > 0) return this.#one(places);
    const valid = [this.#one(ids), this.#one(places), this.#one(['name', 'a b', '7', '0'.repeat(64)])];
    const fitting = valid.filter((text) => schema.safeParse(text).success);
    return this.#one(fitting.length > 0 ? fitting : valid);
  }

  #value(schema: z.ZodType, spoilt: number): unknown {
    if (this.#chance(spoilt)) return this.#one(hostile)();
    const def = schema._zod.def as unknown as Definition;
    const inner = (child: z.ZodType) => this.#value(child, spoilt);
    switch (def.type) {
      case 'string':
        return this.#text(schema);
      case 'number':
        return this.#one([0, 1, 2, 3, 5]);
      case 'boolean':
        return this.#chance(0.5);
      case 'literal':
        return this.#one(def.values ?? []);
      case 'enum':
        return this.#one(Object.values(def.entries ?? {}));
      case 'array':
        return Array.from({ length: this.#one([1, 1, 2, 3]) }, () => inner(def.element!));
      case 'tuple':
        return (def.items ?? []).map(inner);
      case 'object':
        return Object.fromEntries(Object.entries(def.shape ?? {}).map(([key, field]) => [key, inner(field)]));
      case 'union':
        return inner(this.#one(def.options ?? []));
      case 'record':
        return Object.fromEntries([[String(inner(def.keyType!)), inner(def.valueType!)]]);
      case 'optional':
      case 'default':
      case 'nullable':
        return this.#chance(0.4) ? undefined : inner(def.innerType!);
      case 'lazy': // a JSON document
      case 'unknown':
        return this.#one(hostile)();
      default:
        if (def.innerType) return inner(def.innerType);
        throw new Error(`the fuzzer knows no schema of type ${def.type}`);
    }
  }
}
