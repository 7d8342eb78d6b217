import type { Param, ParamType } from './declarations/declaration.ts';
import { isUploadedFile } from './uploaded-file.ts';

/** A value of the declared type, or what GitLab finds wrong with it. */
export type Coerced = { readonly value: unknown } | { readonly problem: string };

type Coerce = (value: unknown) => Coerced;

const INVALID = { problem: 'is invalid' };
const TRUE = new Set(['true', 't', '1', 'on']);
const FALSE = new Set(['false', 'f', '0', 'off']);

const text: Coerce = value =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? { value: String(value) }
    : INVALID;

const integer: Coerce = value => {
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? { value: number } : INVALID;
};

const boolean: Coerce = value => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return INVALID;
  const word = String(value).toLowerCase();
  if (TRUE.has(word)) return { value: true };
  return FALSE.has(word) ? { value: false } : INVALID;
};

const datetime: Coerce = value =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? { value } : INVALID;

const object: Coerce = value =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { value } : INVALID;

const arrayOf =
  (coerceItem: Coerce): Coerce =>
  value => {
    const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value];
    const coerced = items.map(coerceItem);
    return coerced.some(item => 'problem' in item)
      ? INVALID
      : { value: coerced.map(item => 'value' in item && item.value) };
  };

const BY_TYPE: Record<ParamType, Coerce> = {
  integer,
  boolean,
  string: text,
  datetime,
  file: value => (isUploadedFile(value) ? { value } : INVALID),
  object,
  'array[integer]': arrayOf(integer),
  'array[string]': arrayOf(text),
  'integer|string': value => {
    const number = integer(value);
    return 'value' in number ? number : text(value);
  },
};

/**
 * Brings a value that was sent into its declared type. `null`, and an empty text where no text belongs, are null,
 * which passes every check but that of presence.
 */
export function coerce(
  param: Param,
  value: unknown,
  values: readonly (string | number)[] | undefined,
): Coerced {
  if (value === null || (value === '' && param.type !== 'string')) return { value: null };
  const coerced = BY_TYPE[param.type](value);
  if ('problem' in coerced) return coerced;
  if (values && !values.some(candidate => candidate === coerced.value)) {
    return { problem: 'does not have a valid value' };
  }
  if (param.except?.some(candidate => candidate === coerced.value))
    return { problem: 'has a value not allowed' };
  return coerced;
}
