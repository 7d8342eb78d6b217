import { type Attributes, copyOf } from './items.ts';

/**
 * DynamoDB's expressions, as far as this service writes them: conditions with AND, OR, comparisons, BETWEEN, IN and
 * functions, updates with SET, ADD and REMOVE, and projections. What is not known is an error.
 */

interface Names {
  names: Record<string, string>;
  values: Attributes;
}

type Test = (item: Attributes) => boolean;

const TOKEN = /\s*(<=|>=|<>|[()=<>,]|[#:]?[\w.#]+)/y;

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const match = TOKEN.exec(expression);
    if (match?.[1] === undefined) throw new Error(`The expression '${expression}' is not understood.`);
    tokens.push(match[1]);
  }
  return tokens;
}

function resolve(path: string, names: Record<string, string>): string[] {
  return path.split('.').map(part => (part.startsWith('#') ? (names[part] ?? missing(part)) : part));
}

function missing(name: string): never {
  throw new Error(`${name} is used and not defined.`);
}

function valueAt(item: Attributes, path: string[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Attributes | undefined)?.[part], item);
}

const COMPARE: Record<string, (a: never, b: never) => boolean> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Compiles a condition. */
export function conditionOf(expression: string, { names, values }: Names): Test {
  const tokens = tokensOf(expression);
  const take = (expected?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`'${expected ?? 'more'}' is missing in '${expression}'.`);
    return token;
  };
  const operand = (): ((item: Attributes) => unknown) => {
    const token = take();
    if (token.startsWith(':')) {
      if (!(token in values)) missing(token);
      return () => values[token];
    }
    const path = resolve(token, names);
    return item => valueAt(item, path);
  };
  const list = (): ((item: Attributes) => unknown)[] => {
    take('(');
    const operands = [operand()];
    while (tokens[0] === ',') {
      take(',');
      operands.push(operand());
    }
    take(')');
    return operands;
  };
  const functionOf = (name: string): Test => {
    const [subject, prefix] = list();
    if (subject === undefined) return missing(name);
    if (name === 'attribute_exists') return item => subject(item) !== undefined;
    if (name === 'attribute_not_exists') return item => subject(item) === undefined;
    return item => {
      const text = subject(item);
      return typeof text === 'string' && text.startsWith(String(prefix?.(item)));
    };
  };
  const term = (): Test => {
    if (tokens[0] === '(') {
      take('(');
      const inner = either();
      take(')');
      return inner;
    }
    if (tokens[1] === '(' && /^(attribute_(not_)?exists|begins_with)$/.test(tokens[0] ?? ''))
      return functionOf(take());
    const left = operand();
    const operator = take();
    if (operator === 'IN') {
      const all = list();
      return item => all.some(one => one(item) === left(item));
    }
    if (operator === 'BETWEEN') {
      const low = operand();
      take('AND');
      const high = operand();
      return item => compare('>=', left(item), low(item)) && compare('<=', left(item), high(item));
    }
    const right = operand();
    return item => compare(operator, left(item), right(item));
  };
  const both = (): Test => {
    const terms = [term()];
    while (tokens[0] === 'AND') {
      take();
      terms.push(term());
    }
    return item => terms.every(test => test(item));
  };
  function either(): Test {
    const terms = [both()];
    while (tokens[0] === 'OR') {
      take();
      terms.push(both());
    }
    return item => terms.some(test => test(item));
  }
  const test = either();
  if (tokens.length > 0) throw new Error(`'${tokens[0]}' is not understood in '${expression}'.`);
  return test;
}

function compare(operator: string, a: unknown, b: unknown): boolean {
  const test = COMPARE[operator] ?? missing(operator);
  return a !== undefined && b !== undefined && typeof a === typeof b && test(a as never, b as never);
}

/** Applies an update to an item in place. */
export function applyUpdate(item: Attributes, expression: string, { names, values }: Names): void {
  const changed: string[] = [];
  for (const clause of expression.split(/\s*\b(?=(?:SET|ADD|REMOVE) )/).filter(text => text !== '')) {
    const [, keyword, rest = ''] = /^(\w+) (.*)$/s.exec(clause) ?? missing(clause);
    for (const part of rest.split(',')) {
      const [path = '', name = ''] = part.trim().split(/\s*=\s*|\s+/);
      const steps = resolve(path, names);
      changed.push(`${steps.join('.')}.`);
      const last = steps.pop() ?? missing(path);
      const parent = valueAt(item, steps) as Attributes | undefined;
      if (typeof parent !== 'object')
        throw new Error(`The document path '${path}' is not valid for the update.`);
      const value = values[name];
      if (keyword === 'REMOVE') delete parent[last];
      else if (value === undefined) missing(name);
      else if (keyword === 'SET') parent[last] = copyOf(value);
      else parent[last] = sum(parent[last] ?? 0, value);
    }
  }
  if (changed.some((path, index) => changed.some((other, at) => at !== index && other.startsWith(path))))
    throw new Error('Two paths of the update overlap.');
}

function sum(a: unknown, b: unknown): number {
  if (typeof a !== 'number' || typeof b !== 'number') throw new Error('Only numbers can be added.');
  return a + b;
}

/** Refuses names and values that the expressions do not use, as DynamoDB does. */
export function checkUse(
  defined: { ExpressionAttributeNames?: object | undefined; ExpressionAttributeValues?: object | undefined },
  expressions = '',
): void {
  const used = new Set(expressions.match(/[#:]\w+/g));
  for (const name of Object.keys({
    ...defined.ExpressionAttributeNames,
    ...defined.ExpressionAttributeValues,
  }))
    if (!used.has(name)) throw new Error(`${name} is defined and not used.`);
}

/** The part of an item that a projection asks for. */
export function project(item: Attributes, expression: string | undefined, { names }: Names): Attributes {
  if (expression === undefined) return item;
  const wanted = expression.split(',').map(name => names[name.trim()] ?? name.trim());
  return Object.fromEntries(wanted.flatMap(name => (name in item ? [[name, item[name]]] : [])));
}
