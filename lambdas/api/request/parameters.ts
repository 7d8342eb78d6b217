import * as z from 'zod/mini';
import { badRequest } from '../answers/http-errors.ts';

/**
 * Parameters with the words of Grape, the framework under GitLab's API. Schemas below carry Grape's texts; what
 * Grape does beyond one value (names like `entities[0][source_type]`, all problems of a request in one answer, in the
 * order in which the parameters are declared) is done by `problemsOf` and `parseParameters`.
 */

const MISSING = 'is missing';
const INVALID = 'is invalid';
const NOT_IN_LIST = 'does not have a valid value';

/** Grape coerces numbers and booleans to strings and refuses the rest. `null` counts as missing. */
const coerceText = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : (value ?? undefined);

const missingOrInvalid = (issue: { input?: unknown }) => (issue.input === undefined ? MISSING : INVALID);

type Schema<T> = z.ZodMiniType<T>;
/** A test of a value, or what the API's description says about it. */
type Check<T> = z.core.CheckFn<T> | z.core.$ZodCheck<T>;

/** A required string, optionally with further checks. */
export function text(...checks: Check<string>[]): Schema<string> {
  return z.pipe(
    z.transform(coerceText),
    z.string({ error: missingOrInvalid }).check(...checks),
  ) as unknown as Schema<string>;
}

/** A check for `text` or `integer`; `problem` is Grape's message. */
export function matching<T>(test: (value: T) => boolean, problem: string): z.core.CheckFn<T> {
  return context => {
    if (test(context.value)) return;
    context.issues.push({ code: 'custom', message: problem, input: context.value });
  };
}

/** One of a list of words. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T): Schema<T[number]> {
  return z.pipe(
    z.transform(coerceText),
    z.enum(values, { error: issue => (issue.input === undefined ? MISSING : NOT_IN_LIST) }),
  ) as unknown as Schema<T[number]>;
}

const TRUE = [true, 1, '1', 't', 'true', 'on', 'yes'];
const FALSE = [false, 0, '0', 'f', 'false', 'off', 'no'];

/** A boolean in any of the forms that Grape takes; `otherwise` when it is absent. */
export function flag(otherwise: boolean): Schema<boolean> {
  return z.pipe(
    z.transform((value: unknown) => {
      const word = typeof value === 'string' ? value.toLowerCase() : value;
      if (word === undefined || word === null || word === '') return otherwise;
      return TRUE.includes(word as string) ? true : FALSE.includes(word as string) ? false : value;
    }),
    z.boolean({ error: INVALID }),
  ) as unknown as Schema<boolean>;
}

/** A whole number, written as one, with checks on its range; `otherwise` when it is absent. */
export function integer(otherwise: number | undefined, ...checks: Check<number>[]): Schema<number> {
  return z.pipe(
    z.transform((value: unknown) => {
      if (value === undefined || value === null || value === '') return otherwise;
      return typeof value !== 'object' && /^-?\d+$/.test(String(value)) ? Number(value) : value;
    }),
    // Not `z.int()`, which refuses what is too large to be exact: such an id is nobody's, but it is well formed.
    z.number({ error: missingOrInvalid }).check(z.meta({ type: 'integer' }), ...checks),
  ) as unknown as Schema<number>;
}

/** Words, as an array or as one text with commas between them; none when it is absent. */
export function words(...checks: Check<string[]>[]): Schema<string[]> {
  return z.pipe(
    z.transform((value: unknown) => {
      const given = typeof value === 'string' ? value.split(',') : (value ?? []);
      if (!Array.isArray(given) || given.some(word => typeof word !== 'string')) return INVALID;
      return given.map(word => word.trim()).filter(word => word !== '');
    }),
    z.array(z.string(), { error: INVALID }).check(...checks),
  ) as unknown as Schema<string[]>;
}

/** A parameter that may be left out; `null` counts as left out. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return z.pipe(
    z.transform((value: unknown): unknown => value ?? undefined),
    z.optional(schema) as z.ZodMiniType<unknown, unknown>,
  ) as unknown as Schema<T | undefined>;
}

export type Shape = Record<string, Schema<unknown>>;
export type Values<S extends Shape> = { [Name in keyof S]: z.infer<S[Name]> };

/**
 * Checks each parameter of an object by itself and returns all problems in the order of the shape.
 *
 * @param nameOf how a parameter is called in messages, e.g. `configuration[url]`
 */
export function checkShape<S extends Shape>(
  shape: S,
  input: Record<string, unknown>,
  nameOf: (name: string) => string,
): { values: Values<S>; problems: Map<string, string[]> } {
  const values: Record<string, unknown> = {};
  const problems = new Map<string, string[]>();
  for (const [name, schema] of Object.entries(shape)) {
    const parsed = schema.safeParse(Object.hasOwn(input, name) ? input[name] : undefined);
    if (parsed.success) values[name] = parsed.data;
    else {
      const texts = parsed.error.issues.map(issue => `${nameOf(name)} ${issue.message}`);
      problems.set(name, texts);
    }
  }
  return { values: values as Values<S>, problems };
}

/** Checks flat parameters (query and path). @throws the 400 with all problems */
export function parseParameters<S extends Shape>(shape: S, input: Record<string, unknown>): Values<S> {
  const { values, problems } = checkShape(shape, input, name => name);
  if (problems.size > 0) throw badRequest([...problems.values()].flat());
  return values;
}

/** The input as an object, or `undefined` when it is something else. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
