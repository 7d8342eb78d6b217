import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { TIME } from './records.ts';

const UNVERIFIED = {
  matched: null,
  different: null,
  missing: null,
  new_at_source: null,
  unverified: null,
  planned: null,
};
const FOUND = { matched: 8, different: 1, missing: 1, new_at_source: 2, unverified: 0 };
const COUNTS = { source: 10, imported: 9, skipped: 0, failed: 1, ...FOUND, planned: null };
const CUT = `could not read /var/opt at 'https://old.example/acme'. ${'x'.repeat(300)}`.slice(0, 255);

/** A refusal whose message names no status may go well another time. */
const OF_REFUSAL = { remedy: 'Do what the message says, and run again what is missing.', retryable: true };

const REPORT = {
  bulk_import_id: '{finished}',
  plan_id: null,
  status: 'finished',
  attempt: 1,
  created_at: TIME,
  updated_at: TIME,
  verified_at: TIME,
  complete: false,
  incomplete: ['1 record is missing: Labels (1).', '1 record differs: Labels (1).'],
  new_at_source: [],
  archives: null,
  accuracy: 0.8,
  totals: { ...COUNTS, expected: 10 },
  relations: [{ relation: 'labels', ...COUNTS, accuracy: 0.8 }],
  skips: [],
  not_migrated: [
    { relation: 'members', source: null, entities_count: 1 },
    { relation: 'projects', source: null, entities_count: 1 },
  ],
  causes: [
    ['entity', 'The label was refused.'],
    ['labels', 'The label was refused.'],
    ['milestones', CUT],
  ].map(([relation, message]) => ({
    relation,
    exception_class: 'BulkImports::NetworkError',
    message,
    count: 1,
    entities_count: 1,
    ...OF_REFUSAL,
  })),
  causes_total: 3,
  problems: [
    ['missing', 'labels', 'bug', 'The label was refused.'],
    ['failed', 'milestones', 't'.repeat(255), CUT],
    ['failed', 'entity', null, 'The label was refused.'],
  ].map(([kind, relation, title, message]) => ({
    entity_id: '{group}',
    source_full_path: 'acme',
    relation,
    title,
    kind,
    fields: [],
    message,
    retryable: true,
  })),
  problems_total: 3,
  writes: [{ target_type: 'Label', result: 'created', count: 1 }],
  all_writes_read: true,
  all_failures_read: true,
};

const PLANNED = { create: 2, update: 0, unchanged: 0, skip: 0, blocked: 1, unknown: 0 };
const FORESEEN = { source: 3, imported: 0, skipped: 0, failed: 0, ...UNVERIFIED, planned: PLANNED };
const REFUSED = { relation: 'labels', message: 'The label was refused.', retryable: true };

const { bulk_import_id: _, ...OF_PLAN } = {
  ...REPORT,
  plan_id: '{planned}',
  verified_at: null,
  complete: null,
  incomplete: [],
  new_at_source: [],
  archives: { projects: 0, unknown: 0, size: 0, notes: [] },
  accuracy: null,
  totals: { ...FORESEEN, expected: null },
  relations: [{ relation: 'labels', ...FORESEEN, accuracy: null }],
  not_migrated: [],
  causes: [
    {
      ...REFUSED,
      ...OF_REFUSAL,
      exception_class: 'BulkImports::NetworkError',
      count: 1,
      entities_count: 1,
    },
  ],
  causes_total: 1,
  problems: [
    {
      ...REFUSED,
      entity_id: '{planned-group}',
      source_full_path: 'acme',
      title: 'bug',
      kind: 'blocked',
      fields: [],
    },
  ],
  problems_total: 1,
  writes: [],
};

const FORMATS = ['', '.md', '.html', '.csv'];

const file = (
  ending: string,
  type: string,
  words: string,
  of: 'finished' | 'planned' = 'finished',
): Case => ({
  it: `as ${ending} is a file of its own type, which can do nothing`,
  send: `GET /bulk_imports/${of === 'planned' ? 'plans/' : ''}{${of}}/report.${ending}`,
  status: 200,
  body: expect.stringContaining(words),
  headers: {
    'content-type': `${type}; charset=utf-8`,
    'content-disposition': `${ending === 'csv' ? 'attachment' : 'inline'}; filename="${of === 'planned' ? 'plan' : 'bulk-import'}-{${of}}.${ending}"`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  },
});

/** The report of an import in its four formats. */
export const REPORTS: Record<string, Case[]> = {
  'the report of an import': [
    {
      it: 'has these fields, with what its last verification has found',
      send: 'GET /bulk_imports/{finished}/report',
      status: 200,
      body: REPORT,
    },
    {
      it: 'is there for an import that has not begun, with nothing that was verified',
      send: 'GET /bulk_imports/{created}/report',
      status: 200,
      body: {
        ...REPORT,
        bulk_import_id: '{created}',
        status: 'created',
        verified_at: null,
        complete: null,
        incomplete: [],
        new_at_source: [],
        accuracy: null,
        totals: { source: 0, imported: 0, skipped: 0, failed: 0, ...UNVERIFIED, expected: null },
        relations: [],
        not_migrated: [],
        causes: [],
        causes_total: 0,
        problems: [],
        problems_total: 0,
        writes: [],
      },
    },
    file('md', 'text/markdown', '| Labels | 10 | 9 | 0 | 1 |'),
    file('html', 'text/html', '<title>Report of bulk import '),
    file('csv', 'text/csv', ',group,finished,acme,imported/acme_1,labels,10,9,0,1,8,1,1,2,0\r\n'),
    ...FORMATS.flatMap((format): Case[] => [
      {
        it: `does not exist without its import: ${format || 'JSON'}`,
        send: `GET /bulk_imports/999/report${format}`,
        status: 404,
        body: { message: '404 Not found' },
      },
      {
        it: `is not somebody else's: ${format || 'JSON'}`,
        send: `GET /bulk_imports/{ottos}/report${format}`,
        as: 'admin',
        status: 404,
        body: { message: '404 Not found' },
      },
      {
        it: `wants an id: ${format || 'JSON'}`,
        send: `GET /bulk_imports/abc/report${format}`,
        status: 400,
        body: { error: 'import_id is invalid' },
      },
    ]),
    {
      it: 'is only read',
      send: 'POST /bulk_imports/{finished}/report.html',
      status: 405,
      body: { error: '405 Not Allowed' },
      headers: { allow: 'OPTIONS, GET, HEAD' },
    },
  ],
  'the report of a plan': [
    {
      it: 'has the same fields, with what was planned and nothing that was imported',
      send: 'GET /bulk_imports/plans/{planned}/report',
      status: 200,
      body: OF_PLAN,
    },
    file('md', 'text/markdown', '| Labels | 3 | 2 | 0 | 0 | 0 | 1 | 0 |', 'planned'),
    file('html', 'text/html', '<title>Report of plan ', 'planned'),
    file('csv', 'text/csv', ',labels,3,0,0,0,,,,,,2,0,0,0,1,0,\r\n', 'planned'),
    ...FORMATS.flatMap((format): Case[] => [
      {
        it: `is not one of an import: ${format || 'JSON'}`,
        send: `GET /bulk_imports/plans/{finished}/report${format}`,
        status: 404,
        body: { message: '404 Not found' },
      },
      {
        it: `is not one of a plan, below imports: ${format || 'JSON'}`,
        send: `GET /bulk_imports/{planned}/report${format}`,
        status: 404,
        body: { message: '404 Not found' },
      },
      {
        it: `wants an id: ${format || 'JSON'}`,
        send: `GET /bulk_imports/plans/abc/report${format}`,
        status: 400,
        body: { error: 'plan_id is invalid' },
      },
    ]),
  ],
};
