import { expect, it } from 'vitest';
import { isAtLeast } from '../../lambdas/gitlab/version.ts';

it.each([
  ['15.0.3-ee', '15.0', true],
  ['14.10.0', '14.9', true],
  ['14.9.5', '14.10', false],
  ['16.0', '15.11', true],
  ['9.99', '10.0', false],
  ['nonsense', '14.0', false],
])('takes %s for at least %s: %s', (version, minimum, result) => {
  expect(isAtLeast(version, minimum)).toBe(result);
});
