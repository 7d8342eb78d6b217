import { expect, it } from 'vitest';
import { COUNTED_RELATIONS } from '../../lambdas/gitlab/api/project-counts.ts';
import { LEFT_OUT_KINDS } from '../../lambdas/gitlab/api/project-left-out.ts';
import { GROUP_RELATIONS, PROJECT_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { hasRecords, relationName } from '../../lambdas/report/relation-names.ts';

const ALL = [
  ...[...GROUP_RELATIONS, ...PROJECT_RELATIONS].map(({ relation }) => relation),
  ...COUNTED_RELATIONS,
  ...LEFT_OUT_KINDS,
];

it.each([
  ['labels', 'Labels'],
  ['merge_requests', 'Merge requests'],
  ['ci_pipelines', 'CI/CD pipelines'],
  ['self', 'Membership lock'],
  ['constructor', 'Constructor'],
  ['', ''],
])('%j is called %j', (relation, name) => {
  expect(relationName(relation)).toBe(name);
});

it('every relation has a name that looks like one', () => {
  expect(ALL.length).toBeGreaterThan(30);
  expect(ALL.filter(relation => !/^[A-Z][A-Za-z/ -]+$/.test(relationName(relation)))).toEqual([]);
});

it('the steps of moving a project are no records, and all that people have are', () => {
  const steps = new Set(ALL.filter(relation => !hasRecords(relation)));

  expect([...steps].sort()).toEqual([
    'archive',
    'export_request',
    'finisher',
    'project_counts',
    'project_entities',
    'project_import',
    'subgroup_entities',
  ]);
});
