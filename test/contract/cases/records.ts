import { expect } from 'vitest';
import type { Case } from '../case.ts';

export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const CORRELATION_ID = '0123456789abcdef0123456789abcdef';

const IMPORT = {
  id: '{created}',
  status: 'created',
  source_type: 'gitlab',
  source_url: 'https://old.example',
  created_at: TIME,
  updated_at: TIME,
  attempt: 1,
  has_failures: false,
  failure: null,
  plan_id: null,
  verification: null,
};

const VERIFIED = {
  ...IMPORT,
  id: '{finished}',
  status: 'finished',
  has_failures: true,
  verification: { id: '{verified}', status: 'finished', accuracy: 0.8 },
};

/** An entity whose group is not there yet. */
const FRESH = {
  id: '{fresh}',
  bulk_import_id: '{finished}',
  status: 'created',
  entity_type: 'group',
  source_full_path: 'acme',
  destination_full_path: null,
  destination_name: 'Acme.Old',
  destination_slug: 'Acme.Old',
  destination_namespace: '',
  parent_id: null,
  namespace_id: null,
  project_id: null,
  created_at: TIME,
  updated_at: TIME,
  failures: [],
  has_more_failures: false,
  migrate_projects: true,
  migrate_memberships: true,
  excluded_relations: [],
  has_failures: false,
  stats: {},
  waiting: [],
};

const OTHER = {
  ...FRESH,
  destination_name: 'acme',
  destination_slug: 'acme',
  destination_namespace: 'imported',
};
const CHILD = {
  ...OTHER,
  id: '{child}',
  parent_id: '{group}',
  migrate_projects: false,
  excluded_relations: ['projects'],
};
const PROJECT = { ...OTHER, id: '{project}', entity_type: 'project', source_full_path: 'acme/app' };

const FAILURES = [
  {
    relation: 'milestones',
    exception_message: `could not read /var/opt at 'https://old.example/acme'. ${'x'.repeat(300)}`.slice(
      0,
      255,
    ),
    exception_class: 'BulkImports::NetworkError',
    correlation_id_value: CORRELATION_ID,
    source_url: 'https://old.example/groups/acme/-/milestones/1',
    source_title: 't'.repeat(255),
    step: 'loader',
    pipeline_class: 'BulkImports::Common::Pipelines::MilestonesPipeline',
    pipeline_step: 'loader',
    retryable: true,
    created_at: '2026-01-02T03:04:05.678Z',
  },
  {
    relation: 'entity',
    exception_message: 'The label was refused.',
    exception_class: 'BulkImports::NetworkError',
    correlation_id_value: CORRELATION_ID,
    source_url: null,
    source_title: null,
    step: null,
    pipeline_class: 'BulkImports::Common::Pipelines::LabelsPipeline',
    pipeline_step: null,
    retryable: true,
    created_at: '2026-01-02T03:04:06.000Z',
  },
];

const AUDIT_EVENTS = [
  {
    id: expect.stringMatching(/^\d+-1767323045678-1-labels-0-000000$/),
    author_id: expect.any(Number),
    entity_id: 77,
    entity_type: 'Group',
    event_name: 'label_created',
    created_at: '2026-01-02T03:04:05.678Z',
    details: {
      custom_message: 'create the label',
      target_type: 'Label',
      target_id: 9,
      target_details: 't'.repeat(255),
      target_part_of: null,
      entity_path: 'imported/acme_1',
      relation: 'labels',
      method: 'POST',
      path: '/api/v4/groups/77/labels',
      attributes: ['name', 'color'],
      result: 'created',
      status: 201,
      request_id: '01K0',
      attempt: 1,
      finished_at: '2026-01-02T03:04:05.789Z',
    },
  },
];

const GROUP = {
  ...OTHER,
  id: '{group}',
  status: 'finished',
  destination_full_path: 'imported/acme_1',
  namespace_id: 77,
  migrate_memberships: false,
  excluded_relations: ['members'],
  failures: FAILURES,
  has_failures: true,
  stats: {
    labels: { source: 10, fetched: 10, imported: 9, skipped: 0, failed: 1, skip_reasons: {} },
  },
};

const entities = '/bulk_imports/{finished}/entities';

/** Bodies of what can be read: every field and every null. */
export const RECORDS: Record<string, Case[]> = {
  'an import': [
    { it: 'has these fields', send: 'GET /bulk_imports/{created}', status: 200, body: IMPORT },
    {
      it: 'may be finished and have failures, and was verified then',
      send: 'GET /bulk_imports/{finished}',
      status: 200,
      body: VERIFIED,
    },
    {
      it: 'is verified in a list, too',
      send: 'GET /bulk_imports?status=finished',
      status: 200,
      body: expect.arrayContaining([
        expect.objectContaining({ verification: expect.objectContaining({ accuracy: 0.8 }) }),
      ]),
    },
    { it: 'is the same in a list', send: 'GET /bulk_imports?status=created', status: 200, body: [IMPORT] },
  ],
  'an entity': [
    { it: 'has no destination before its group', send: `GET ${entities}/{fresh}`, status: 200, body: FRESH },
    { it: 'has a group, counts and failures', send: `GET ${entities}/{group}`, status: 200, body: GROUP },
    { it: 'of a subgroup has a parent', send: `GET ${entities}/{child}`, status: 200, body: CHILD },
    { it: 'of a project says so', send: `GET ${entities}/{project}`, status: 200, body: PROJECT },
    {
      it: 'is the same in the list',
      send: `GET ${entities}`,
      status: 200,
      body: [FRESH, GROUP, CHILD, PROJECT],
    },
    {
      it: 'is the same in the list over all imports',
      send: 'GET /bulk_imports/entities?per_page=3',
      status: 200,
      body: [PROJECT, CHILD, GROUP],
    },
  ],
  'failures of an entity': [
    {
      it: 'have the fields of both generations, filtered and cut, in the order of the pipelines',
      send: `GET ${entities}/{group}/failures`,
      status: 200,
      body: FAILURES,
    },
    { it: 'may be none', send: `GET ${entities}/{fresh}/failures`, status: 200, body: [] },
  ],
  'audit events of an entity': [
    {
      it: "have the fields of GitLab's own, and no value of what was sent",
      send: `GET ${entities}/{group}/audit_events`,
      status: 200,
      body: AUDIT_EVENTS,
    },
    { it: 'may be none', send: `GET ${entities}/{fresh}/audit_events`, status: 200, body: [] },
  ],
};
