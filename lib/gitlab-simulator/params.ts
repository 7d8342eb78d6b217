import { invalidParams } from './answer.ts';

type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** The type of one request parameter: JSON values and form texts both end as `T`. */
export interface ParamType<T> {
  readonly parse: (value: unknown) => Parsed<T>;
}

export interface RequiredParam<T> {
  readonly required: ParamType<T>;
}

type Declaration = Record<string, ParamType<unknown> | RequiredParam<unknown>>;

type Declared<D> = {
  [K in keyof D]: D[K] extends RequiredParam<infer T>
    ? T
    : D[K] extends ParamType<infer T>
      ? T | undefined
      : never;
};

export interface UploadedFile {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

const INVALID = { problem: 'is invalid' };

export const text: ParamType<string> = {
  parse: value =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? { value: String(value) }
      : INVALID,
};

export const integer: ParamType<number> = {
  parse: value => {
    const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(number) ? { value: number as number } : INVALID;
  },
};

export const positiveInteger: ParamType<number> = {
  parse: value => {
    const parsed = integer.parse(value);
    if ('problem' in parsed) return parsed;
    return parsed.value > 0 ? parsed : { problem: 'has a value not allowed' };
  },
};

export const boolean: ParamType<boolean> = {
  parse: value => {
    if (value === true || value === 'true' || value === '1' || value === 1) return { value: true };
    if (value === false || value === 'false' || value === '0' || value === 0) return { value: false };
    return INVALID;
  },
};

/** A calendar day out of a date or date-time text, as YYYY-MM-DD. */
export const day: ParamType<string> = {
  parse: value => {
    if (typeof value !== 'string') return INVALID;
    const match = /^\d{4}-\d{2}-\d{2}/.exec(value);
    return match && !Number.isNaN(Date.parse(match[0])) ? { value: match[0] } : INVALID;
  },
};

/** An uploaded file; the empty text stands for "remove it". */
export const file: ParamType<UploadedFile | ''> = {
  parse: value => {
    if (value === '') return { value };
    return isUploadedFile(value) ? { value } : INVALID;
  },
};

export function oneOf<const V extends string | number>(values: readonly V[]): ParamType<V> {
  return {
    parse: value => {
      const found = values.find(candidate => String(candidate) === String(value));
      return found === undefined ? { problem: 'does not have a valid value' } : { value: found };
    },
  };
}

export function required<T>(type: ParamType<T>): RequiredParam<T> {
  return { required: type };
}

/**
 * Picks the declared parameters out of a request and drops all others. JSON null counts as absent.
 * Throws a 400 that lists every problem, in the order of the declaration.
 */
export function declared<const D extends Declaration>(
  declaration: D,
  params: Record<string, unknown>,
): Declared<D> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(declaration)) {
    const value = params[name] ?? undefined;
    if (value === undefined) {
      if ('required' in param) problems.push(`${name} is missing`);
      continue;
    }
    const parsed = ('required' in param ? param.required : param).parse(value);
    if ('problem' in parsed) problems.push(`${name} ${parsed.problem}`);
    else values[name] = parsed.value;
  }
  if (problems.length > 0) throw invalidParams(problems);
  return values as Declared<D>;
}

/** Throws a 400 unless exactly one of the named parameters was given; returns its name. */
export function exactlyOneOf<K extends string>(params: Record<string, unknown>, names: readonly K[]): K {
  const given = names.filter(name => params[name] !== undefined);
  const [first, second] = given;
  if (first === undefined) {
    throw invalidParams([`${names.join(', ')} are missing, exactly one parameter must be provided`]);
  }
  if (second !== undefined) throw invalidParams([`${given.join(', ')} are mutually exclusive`]);
  return first;
}

/** Throws a 400 unless one or more of the named parameters were given. */
export function atLeastOneOf(params: Record<string, unknown>, names: readonly string[]): void {
  if (names.every(name => params[name] === undefined)) {
    throw invalidParams([`${names.join(', ')} are missing, at least one parameter must be provided`]);
  }
}

function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && 'bytes' in value && Buffer.isBuffer(value.bytes);
}
