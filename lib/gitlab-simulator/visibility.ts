import type { Visibility } from './model.ts';

const VISIBILITIES: readonly Visibility[] = ['private', 'internal', 'public'];

/** Whether more people see what has the first level than what has the second. */
export function isAbove(a: Visibility, b: Visibility): boolean {
  return VISIBILITIES.indexOf(a) > VISIBILITIES.indexOf(b);
}
