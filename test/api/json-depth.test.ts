import { expect, it } from 'vitest';
import { isDeeperThan } from '../../lambdas/api/request/json-depth.ts';

it.each<[string, boolean]>([
  ['', false],
  ['1', false],
  ['[[]]', false],
  ['[{}]', false],
  ['[[],[],[{}]]', true],
  ['[[[]]]', true],
  ['{"a":{"b":{}}}', true],
  ['{"a":[1],"b":[2],"c":{"d":3}}', false],
  ['["[[[[", "{{{{"]', false],
  ['["\\"[[[[", "\\\\", []]', false],
  ['["\\\\", [[]]]', true],
  ['["[[[', false],
])('%s nests deeper than two: %s', (json, isDeeper) => {
  expect(isDeeperThan(2, json)).toBe(isDeeper);
});
