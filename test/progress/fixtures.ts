import type {
  CauseProgress,
  EntityProgress,
  ImportProgress,
  PlanProgress,
  Progress,
} from '../../lambdas/progress/progress.ts';
import { countsOf } from '../support/table/counts.ts';

export const NOW = '2026-01-02T03:10:00.000Z';
export const NO_RECORDS = countsOf({});

export function newProgress(attributes: Partial<Progress> = {}): Progress {
  const open = attributes.open ?? [];
  return { now: NOW, inFlight: open.length, open, ended: [], plans: [], ...attributes };
}

/** An import in flight; what is counted over its entities is counted here. */
export function newImportProgress(attributes: Partial<ImportProgress> = {}): ImportProgress {
  const entities = attributes.entities ?? [newEntityProgress()];
  const statuses = { created: 0, started: 0, finished: 0, timeout: 0, failed: 0, canceled: 0 };
  const records = { ...NO_RECORDS };
  for (const entity of entities) {
    statuses[entity.status] += 1;
    records.source += entity.records.source;
    records.fetched += entity.records.fetched;
    records.imported += entity.records.imported;
    records.skipped += entity.records.skipped;
    records.failed += entity.records.failed;
  }
  return {
    id: 7,
    sourceUrl: 'https://old.example.com',
    destinationUrl: 'https://new.example.com',
    status: 'started',
    verification: null,
    planId: null,
    attempt: 1,
    createdAt: '2026-01-02T03:04:05.678Z',
    updatedAt: '2026-01-02T03:09:59.000Z',
    statuses,
    records,
    hasFailures: false,
    failure: null,
    failures: { known: entities.reduce((sum, { failures }) => sum + failures.known, 0), isExact: true },
    causes: [],
    causesTotal: 0,
    skips: [],
    waits: [],
    pace: null,
    entities,
    ...attributes,
  };
}

export function newEntityProgress(attributes: Partial<EntityProgress> = {}): EntityProgress {
  return {
    id: 1,
    source: 'acme/platform',
    destination: 'imported/platform',
    isMade: true,
    status: 'started',
    records: countsOf({ source: 60, fetched: 45, imported: 42, skipped: 2, failed: 1 }),
    relations: [
      {
        name: 'members',
        ...countsOf({
          source: 40,
          fetched: 40,
          imported: 37,
          skipped: 2,
          failed: 1,
          skips: { no_public_email: 1, no_user: 1 },
        }),
      },
      { name: 'milestones', ...countsOf({ source: 20, fetched: 5, imported: 5 }) },
    ],
    waits: [],
    failures: { known: 0, isExact: true },
    ...attributes,
  };
}

export function newPlanProgress(attributes: Partial<PlanProgress> = {}): PlanProgress {
  return {
    id: 57,
    sourceUrl: 'https://old.example.com',
    status: 'finished',
    createdAt: '2026-01-02T03:04:05.678Z',
    entities: 14,
    hasBlockers: false,
    failure: null,
    totals: {
      changes: { create: 712, update: 1, unchanged: 2, skip: 41, blocked: 0, unknown: 6 },
      writes: 733,
      emails: 180,
      users: { mapped: 0, matched: 36, unmatched: 12 },
      notMigrated: {},
      archives: { projects: 3, unknown: 1, bytes: 3 * 1024 ** 3 },
      limit: 600,
    },
    ...attributes,
  };
}

export function newCauseProgress(attributes: Partial<CauseProgress> = {}): CauseProgress {
  return {
    relation: 'labels',
    exceptionClass: 'BulkImports::NetworkError',
    message: "The label '…' was refused (422).",
    count: 12,
    entities: 3,
    remedy: 'Do what the message says.',
    retryHelps: false,
    lastAt: '2026-01-02T03:09:00.000Z',
    examples: [
      { path: 'acme/platform', title: 'bug' },
      { path: 'acme/tools', title: 'feature' },
    ],
    ...attributes,
  };
}

/** Names that somebody may give to a group to see what happens. */
export const HOSTILE_NAMES = [
  '<script>window.hacked = 1</script>',
  '"><img src=x onerror="window.hacked = 1">',
  '</style></main><style>*{display:none}</style>',
  'safe\u202egnp.exe\u202c/after',
  `${'very-long-'.repeat(60)}end`,
  '🏳️‍🌈/👩‍👩‍👧‍👦/日本語/עברית/العربية',
  'line one\nline two\r\n\tline three\u0000\u2028',
  `z${'\u0301'.repeat(400)}algo`,
  "' onmouseover='window.hacked=1' x='`1`",
];
