import { STATUSES, type Status } from '../../lambdas/domain/statuses.ts';
import { type AuditEvent, putAuditEvents } from '../../lambdas/store/audit-events.ts';
import { NOTHING_FORESEEN, sumChanges } from '../../lambdas/store/changes.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { markImportFailures, moveImport, noteVerification } from '../../lambdas/store/imports.ts';
import { putPlanUser } from '../../lambdas/store/plan-users.ts';
import { createUserMapping } from '../../lambdas/store/user-mappings.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { startService, startSource, type TestService } from '../support/service/service.ts';
import { countsOf } from '../support/table/counts.ts';
import { setDestinationGroup, setRelationCounts, setTracker } from '../support/table/entity-records.ts';
import { storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';

/** Tokens of the destination that only the contract's cases use. */
export const SPECIAL_TOKENS = {
  /** Owner of the imports below, of which no case makes any more. */
  lena: 'sample-lena-token',
  /** Owner of an import for each case that cancels. */
  carla: 'sample-carla-token',
  /** Sends too many requests. */
  rosa: 'sample-rosa-token',
  /** Owner of the imports that are retried. */
  vera: 'sample-vera-token',
  /** Of a group of the destination, that is, of a bot. */
  bot: 'sample-bot-token',
  expired: 'sample-expired-token',
  revoked: 'sample-revoked-token',
  oauth: 'sample-oauth-token',
  readUser: 'sample-read-user-token',
} as const;

export interface World {
  service: TestService;
  /** What `{name}` stands for in a case: ids of records by name, and URLs. */
  names: Map<string, number | string>;
}

/**
 * Starts the service, with records of known shape in its table:
 *
 * - lena's imports, one per status and called like it. `started` has six entities, `started-created` and so on;
 *   `finished` has the entities `fresh` (its group is not there yet), `group` (it is, with failures), `child` and
 *   `project`.
 * - lena's plan `planned`, which has ended with the entity `planned-group` that has a failure, and `planning`, which has not.
 * - carla's imports, one per status, called `carlas-created` and so on.
 *   Her plan is `carlas-plan`.
 * - vera's imports: `veras-started` and `veras-canceled`; `veras-faultless`, which has finished; `veras-unbegun`, which
 *   failed before it began; `veras-failed`, whose entity `veras-failed-entity` has failed; `veras-other` of a group that is
 *   another one at the source now. And `rosas`, which has finished.
 * - a verification of lena's `finished` that has ended, `verified`, with the entity `group`.
 * - otto's import `ottos` with the entity `ottos-entity`.
 */
export async function startWorld(): Promise<World> {
  const service = await startService();
  const { source, destination, local } = service;
  const ancient = await startSource({ version: '13.12.15-ee' });
  destination.addGroup({ name: 'Taken', path: 'taken', parent: 'imported' });
  const exportless = await startSource({ archives: { exportEnabled: false } });
  addProjects([source, exportless], destination);
  const names = new Map<string, number | string>([
    ['url', local.url],
    ['source', source.url],
    ['destination', destination.url],
    ['ancient', ancient.url],
    ['exportless', exportless.url],
    ['nowhere', 'http://127.0.0.1:9'],
  ]);
  const lena = addUser(destination, 'lena');
  await storeLenas(lena, names);
  await storePlans(lena, names);
  await storeVerification({ id: names.get('finished') as number, userId: lena }, names);
  const carla = addUser(destination, 'carla');
  for (const status of STATUSES) names.set(`carlas-${status}`, (await storeImport(carla, { status })).id);
  names.set('carlas-plan', (await storeImport(carla, { kind: 'plan', status: 'started' })).id);
  const rosa = addUser(destination, 'rosa');
  destination.addToken(SPECIAL_TOKENS.expired, { username: 'lena', state: 'expired' });
  destination.addToken(SPECIAL_TOKENS.revoked, { username: 'lena', state: 'revoked' });
  destination.addToken(SPECIAL_TOKENS.oauth, { username: 'lena', kind: 'oauth' });
  destination.addToken(SPECIAL_TOKENS.readUser, { username: 'lena', scopes: ['read_user'] });
  await storeVeras(addUser(destination, 'vera'), source, names);
  names.set('rosas', (await storeImport(rosa, { status: 'finished', sourceUrl: source.url })).id);
  const otto = destination.group('imported')?.members[1]?.userId ?? 0;
  const ottos = await storeImport(otto);
  await storeMappings(service, names);
  names.set('ottos', ottos.id).set('ottos-entity', (await storeEntity(ottos)).id);
  return { service, names };
}

/** Lena's mapping of another source, and dora's of the source. */
async function storeMappings({ source, destination }: TestService, names: World['names']): Promise<void> {
  const store = async (username: string, sourceHost: string): Promise<number> => {
    const owner = { destinationUrl: destination.url, userId: destination.userId(username) ?? 0 };
    const id = await takeIds('USER_MAPPING');
    await createUserMapping({ ...owner, id, sourceHost }, [
      { sourceUserId: 7, name: '=Ada', username: 'ada', target: { username: 'ada-there' } },
      { sourceUserId: 8, name: '', username: '', target: 'nobody' },
    ]);
    return id;
  };
  names.set('mapping', await store('lena', 'old.example.com'));
  names.set('doras-mapping', await store('dora', source.url));
}

/** Adds the project `team/app` to sources, and to the destination a group that takes none and one that a bot owns. */
function addProjects(sources: SampleGitLab[], destination: SampleGitLab): void {
  for (const gitlab of sources) {
    const members = [{ username: 'sofia', accessLevel: 40 as const }];
    gitlab.addGroup({ name: 'Team', path: 'team', members, projects: [{ name: 'App', path: 'app' }] });
  }
  destination.addGroup({
    name: 'Closed',
    path: 'closed',
    settings: { projectCreationLevel: 'noone' },
    members: [{ username: 'dora', accessLevel: 50 }],
  });
  destination.addUser({ username: 'group_1_bot', bot: true });
  destination.addToken(SPECIAL_TOKENS.bot, { username: 'group_1_bot' });
  destination.addGroup({
    name: 'Robots',
    path: 'robots',
    members: [{ username: 'group_1_bot', accessLevel: 50 }],
  });
}

function addUser(destination: SampleGitLab, username: 'lena' | 'carla' | 'rosa' | 'vera'): number {
  const { id } = destination.addUser({ username });
  destination.addToken(SPECIAL_TOKENS[username], { username });
  return id;
}

async function storeLenas(lena: number, names: World['names']): Promise<void> {
  const ids = {} as Record<Status, number>;
  for (const status of STATUSES) {
    ids[status] = (await storeImport(lena, { status })).id;
    names.set(status, ids[status]);
  }
  const started = { id: ids.started, userId: lena };
  for (const status of STATUSES) {
    names.set(`started-${status}`, (await storeEntity(started, { status })).id);
  }
  await storeFinished({ id: ids.finished, userId: lena }, names);
}

/** A label that was created for an entity. */
const auditEventOf = ({ importId, id }: Pick<Entity, 'importId' | 'id'>): AuditEvent => ({
  importId,
  entityId: id,
  key: '1767323045678-1-labels-0-000000',
  relation: 'labels',
  attempt: 1,
  at: '2026-01-02T03:04:05.678Z',
  doneAt: '2026-01-02T03:04:05.789Z',
  operation: 'create the label',
  method: 'POST',
  path: '/api/v4/groups/77/labels',
  kind: 'create',
  target: 'Label',
  targetId: 9,
  title: 't'.repeat(300),
  within: null,
  attributes: ['name', 'color'],
  result: 'created',
  status: 201,
  requestId: '01K0',
});
async function storeVerification(
  subject: { id: number; userId: number },
  names: World['names'],
): Promise<void> {
  const { id: subjectId, userId } = subject;
  const verified = await storeImport(userId, { kind: 'verification', subjectId, status: 'started' });
  const group = await storeEntity(verified, { status: 'started', id: names.get('group') as number });
  await setTracker(group, 'labels', {
    status: 'finished',
    counts: countsOf({ source: 10, fetched: 10, imported: 9, failed: 1 }),
    foreseen: { ...NOTHING_FORESEEN, create: 1, update: 1, unchanged: 8, unknown: 2 },
  });
  await moveEntity(group, 'finished', true);
  await storeFailure(group, { key: '1#labels#b' });
  const totals = {
    changes: { ...sumChanges([]), create: 1, update: 1, unchanged: 8, unknown: 2, blocked: 1 },
    writes: 0,
    emails: 0,
    users: { mapped: 0, matched: 0, unmatched: 0 },
    notMigrated: {},
    limit: 0,
  };
  await moveImport(verified, 'finished', { hasFailures: true, totals });
  await noteVerification(subjectId, verified.id);
  names.set('verified', verified.id);
}

async function storePlans(lena: number, names: World['names']): Promise<void> {
  const planned = await storeImport(lena, { kind: 'plan', status: 'started', requested: 1 });
  const group = await storeEntity(planned, { status: 'started' });
  await setTracker(group, 'labels', {
    status: 'finished',
    counts: countsOf({ source: 3, fetched: 3, imported: 2, failed: 1 }),
    foreseen: { ...NOTHING_FORESEEN, create: 2, writes: 2 },
  });
  await moveEntity(group, 'finished', true);
  await storeFailure(group, { key: '1#labels#b' });
  const totals = {
    changes: { ...sumChanges([]), create: 2, blocked: 1 },
    writes: 2,
    emails: 0,
    users: { mapped: 0, matched: 2, unmatched: 1 },
    notMigrated: { hooks: 4 },
    archives: { projects: 3, unknown: 1, bytes: 5_000 },
    limit: 60,
  };
  await moveImport(planned, 'finished', { hasFailures: true, totals });
  const ada = { sourceUserId: 7, name: '=Ada', username: 'ada', publicEmail: 'ada@new.example' };
  const ben = { sourceUserId: 9, name: 'Ben', username: 'ben', publicEmail: null };
  await putPlanUser({ importId: planned.id, ...ada, userId: 5, foundBy: 'public_email' });
  await putPlanUser({ importId: planned.id, ...ben, userId: null, foundBy: null });
  names.set('planned', planned.id).set('planned-group', group.id);
  names.set('planning', (await storeImport(lena, { kind: 'plan', status: 'started' })).id);
}

async function storeVeras(userId: number, source: SampleGitLab, names: World['names']): Promise<void> {
  const sourceUrl = source.url;
  const sourceId = source.group('acme')?.id ?? 0;
  const store = async (name: string, status: Status, entity: Partial<Entity> = {}, hasBegun = true) => {
    const record = await storeImport(userId, {
      status,
      sourceUrl,
      ...(hasBegun && { startedAt: '2026-01-02T03:04:05.678Z' }),
    });
    names.set(`veras-${name}`, record.id);
    names.set(`veras-${name}-entity`, (await storeEntity(record, { status, sourceId, ...entity })).id);
  };
  await store('started', 'started');
  await store('canceled', 'canceled');
  await store('faultless', 'finished');
  await store('unbegun', 'failed', {}, false);
  await store('failed', 'failed');
  await store('other', 'failed', { sourceId: sourceId + 1 });
}

async function storeFinished(record: { id: number; userId: number }, names: World['names']): Promise<void> {
  const fresh = await storeEntity(record, { destinationSlug: 'Acme.Old', destinationNamespace: '' });
  const group = await storeEntity(record, {
    status: 'finished',
    hasFailures: true,
    relations: { members: false },
  });
  await setDestinationGroup(group, { id: 77, fullPath: 'imported/acme_1' });
  await setRelationCounts(group, 'labels', countsOf({ source: 10, fetched: 10, imported: 9, failed: 1 }));
  await storeFailure(group, {
    key: '1#milestones#b',
    relation: 'milestones',
    pipelineClass: 'BulkImports::Common::Pipelines::MilestonesPipeline',
    exceptionMessage: `could not read /var/opt at 'https://old.example/acme'. ${'x'.repeat(300)}`,
    sourceUrl: 'https://old.example/groups/acme/-/milestones/1',
    sourceTitle: 't'.repeat(300),
    createdAt: '2026-01-02T03:04:05.678Z',
  });
  await storeFailure(group, {
    key: 'entity#failed',
    relation: 'entity',
    step: null,
    sourceTitle: null,
    createdAt: '2026-01-02T03:04:06.000Z',
  });
  await putAuditEvents([auditEventOf(group)]);
  await markImportFailures(record.id);
  const child = await storeEntity(record, {
    parentId: group.id,
    generation: 1,
    relations: { project_entities: false },
  });
  const project = await storeEntity(record, { sourceType: 'project_entity', sourceFullPath: 'acme/app' });
  for (const [name, { id }] of Object.entries({ fresh, group, child, project })) names.set(name, id);
}
