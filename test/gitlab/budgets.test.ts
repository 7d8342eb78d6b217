import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  budgetExceeded,
  LIST,
  OPERATOR_BUDGET_NAMES,
  OPERATOR_BUDGETS,
  parseBudget,
  RESPONSE,
  RunBudget,
  TREE,
} from '../../lambdas/gitlab/budgets.ts';
import { RunBudgetError } from '../../lambdas/gitlab/errors.ts';

afterEach(() => vi.unstubAllEnvs());

const page = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe.each(OPERATOR_BUDGET_NAMES)('the budget %s', name => {
  const { variable, otherwise, least, most } = OPERATOR_BUDGETS[name];

  it('is in the tables of the settings, with its default', () => {
    expect(page('README.md')).toContain(`| \`${variable}\` | \`${otherwise}\` |`);
    expect(page('docs/deploy.md')).toContain(`| \`${name}\` | \`${otherwise}\` |`);
  });

  it.each(['', 'many', '-1', '1.5', '1e3', String(least - 1), String(most + 1)])('is not %j', text => {
    expect(() => parseBudget(name, text)).toThrow(
      `must be a whole number from ${least} to ${most}, not '${text}'`,
    );
  });

  it('says what is to be raised, and at which GitLab', () => {
    const what = 'its list has more than 10000 pages';
    const { message } = budgetExceeded({
      instance: 'source',
      operation: 'list the labels',
      what,
      setting: name,
    });

    expect(message).toBe(
      `The source GitLab, asked to list the labels, sent too much: ${what}. If it is right, let the operator of this service raise ${variable}.`,
    );
  });
});

it('the budgets of an operator are read when they are asked for', () => {
  vi.stubEnv('RESPONSE_MEGABYTES', '2');
  vi.stubEnv('PAGES_PER_LIST', '3');
  vi.stubEnv('ENTITIES_PER_IMPORT', '4');

  expect([RESPONSE.bytes(), LIST.records(), TREE.entities()]).toEqual([2 * 1024 * 1024, 300, 4]);
  vi.stubEnv('PAGES_PER_LIST', 'many');
  expect(LIST.pages).toThrow(
    "The environment variable PAGES_PER_LIST must be a whole number from 1 to 1000000, not 'many'.",
  );
});

it('a run may read what its budget has and no byte more', () => {
  vi.stubEnv('RUN_MEGABYTES', '1');
  const budget = new RunBudget();
  const asked = { instance: 'destination', operation: 'list the labels' } as const;

  budget.spend(1024 * 1024, asked);

  expect(() => budget.spend(1, asked)).toThrow(RunBudgetError);
});
