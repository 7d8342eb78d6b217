import { badRequest } from '../answers/http-errors.ts';

/** How deep names may nest; Rack refuses more than 32 as well. */
const MAX_DEPTH = 32;

/** Most parameters: what the most entities of a request have together, and some more. */
const MOST_PARAMETERS = 10_000;
/** Longest name of a parameter; no name that means anything comes near it. */
const LONGEST_NAME = 1_000;

type Nested = { [name: string]: unknown };

/**
 * Builds nested parameters from flat ones, as Rack does: `a[b]=1` is an object, `a[]=1` an array, and
 * `a[][b]=1&a[][c]=2&a[][b]=3` an array of objects in which a name that is there already begins the next element.
 * The indexed form `a[0][b]=1`, which GitLab's documentation shows too, becomes an array as well.
 *
 * Objects have no prototype, so a parameter called `__proto__` is a parameter.
 *
 * @throws the 400 for too many parameters
 */
export function nestParameters(pairs: Iterable<[string, unknown]>): Nested {
  const root: Nested = Object.create(null);
  let count = 0;
  for (const [name, value] of pairs) {
    count += 1;
    if (count > MOST_PARAMETERS) throw badRequest([`There are more than ${MOST_PARAMETERS} parameters`]);
    const path = pathOf(name);
    if (path.length > 0 && path.length <= MAX_DEPTH) insert(root, path, value);
  }
  return indexedToArrays(root) as Nested;
}

/** `a[b][][c]` as `['a', 'b', '', 'c']`. */
function pathOf(name: string): string[] {
  if (name.length > LONGEST_NAME) return [];
  const first = /^[^[\]]+/.exec(name)?.[0];
  if (first === undefined) return [];
  return [first, ...[...name.slice(first.length).matchAll(/\[([^[\]]*)\]/g)].map(match => match[1] ?? '')];
}

function insert(parent: Nested, [name, ...rest]: string[], value: unknown): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    parent[name] = value;
  } else if (rest[0] === '') {
    if (!Array.isArray(parent[name])) parent[name] = [];
    insertElement(parent[name] as unknown[], rest.slice(1), value);
  } else {
    insert(childOf(parent, name), rest, value);
  }
}

function insertElement(array: unknown[], rest: string[], value: unknown): void {
  const [next] = rest;
  if (next === undefined) {
    array.push(value);
    return;
  }
  const last = array.at(-1);
  const fits = isNested(last) && !has(last, rest);
  const element = fits ? last : (Object.create(null) as Nested);
  if (!fits) array.push(element);
  insert(element, rest, value);
}

/** Whether the value at this path is there already, so that a repeated name begins a new element. */
function has(object: Nested, [name, ...rest]: string[]): boolean {
  if (name === undefined || !(name in object)) return false;
  const value = object[name];
  return rest.length === 0 || rest[0] === '' || !isNested(value) ? rest[0] !== '' : has(value, rest);
}

function childOf(parent: Nested, name: string): Nested {
  const existing = parent[name];
  if (isNested(existing)) return existing;
  const child: Nested = Object.create(null);
  parent[name] = child;
  return child;
}

function isNested(value: unknown): value is Nested {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Blob);
}

function indexedToArrays(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(indexedToArrays);
  if (!isNested(value)) return value;
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name, index) => name === String(index))) {
    return names.map(name => indexedToArrays(value[name]));
  }
  for (const name of names) value[name] = indexedToArrays(value[name]);
  return value;
}
