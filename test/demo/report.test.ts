import { describe, expect, it } from 'vitest';
import { failureLines, groupFailures, totalsOf, totalsTable } from '../../lib/demo/report.ts';
import { entityAnswer, failureAnswer } from './entity-answers.ts';

const PLAIN = { color: false, columns: 60 };

const ENTITIES = [
  entityAnswer('acme', 'finished', { boards: [2, 2, 1], members: [5, 5, 2], group: [1, 1, 1] }, [
    failureAnswer('boards', 'One board is all that this edition has.', 'Incidents'),
  ]),
  entityAnswer('acme/design', 'finished', { members: [4, 4, 3], group: [1, 1, 1] }, [
    failureAnswer('members', 'The destination refused to add the member.', 'Ben'),
    failureAnswer('issues', 'The issue was not imported.', 'It breaks'),
  ]),
  entityAnswer('acme/people', 'finished', { group: [1, 1, 1] }, [
    failureAnswer('issues', 'The issue was not imported.', 'It is slow'),
    failureAnswer('boards', 'One board is all that this edition has.', null),
  ]),
];

describe('totalsOf', () => {
  it('adds up each relation over all groups, in the order in which they are migrated', () => {
    expect(totalsOf(ENTITIES)).toEqual([
      { relation: 'group', source: 3, fetched: 3, imported: 3, failed: 0, leftOut: 0 },
      { relation: 'members', source: 9, fetched: 9, imported: 5, failed: 1, leftOut: 3 },
      { relation: 'boards', source: 2, fetched: 2, imported: 1, failed: 2, leftOut: 0 },
      { relation: 'issues', source: 0, fetched: 0, imported: 0, failed: 2, leftOut: 0 },
    ]);
  });

  it('puts a relation that it does not know at the end', () => {
    const entity = entityAnswer('acme', 'finished', { epics: [1, 1, 1], subgroup_entities: [1, 1, 1] });

    expect(totalsOf([entity]).map(({ relation }) => relation)).toEqual(['subgroup_entities', 'epics']);
  });
});

describe('totalsTable', () => {
  it('is aligned, in plain words, and ends with the sums', () => {
    const entity = entityAnswer('acme', 'finished', { self: [12, 12, 11], labels: [167, 160, 150] }, [
      failureAnswer('self', 'ignored'),
    ]);

    const planned = new Map([['labels', 160]]);

    expect(totalsTable(totalsOf([entity]), PLAIN, planned)).toEqual([
      'Relation            Source   Planned   Fetched  Imported    Failed  Left out',
      'labels                 167       160       160       150         -        10',
      'group attributes        12         -        12        11         1         -',
      '----------------------------------------------------------------------------',
      'total                  179       160       172       161         1        10',
    ]);
  });
});

describe('failures', () => {
  it('are put together when they say the same of the same relation', () => {
    const groups = groupFailures(ENTITIES);

    expect(groups.map(({ relation, places }) => [relation, places.length])).toEqual([
      ['members', 1],
      ['boards', 2],
      ['issues', 2],
    ]);
    expect(groups[1]?.places).toEqual([
      { path: 'acme', title: 'Incidents' },
      { path: 'acme/people', title: null },
    ]);
  });

  it('are told with the groups that they are in', () => {
    expect(failureLines(groupFailures(ENTITIES.slice(1)), PLAIN)).toEqual([
      '! members: The destination refused to add the member.',
      '    in acme/design: Ben',
      '! boards: One board is all that this edition has.',
      '    in acme/people',
      '! issues: The issue was not imported.',
      '    in acme/design: It breaks',
      '    in acme/people: It is slow',
    ]);
  });
});
