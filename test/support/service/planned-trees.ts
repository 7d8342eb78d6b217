import { afterEach, beforeAll } from 'vitest';
import * as z from 'zod/mini';
import { planSchema } from '../../../lambdas/api/answers/plan-schema.ts';
import { planEntitySchema } from '../../../lambdas/api/answers/present-plan-entities.ts';
import { bulkImportSchema, entitySchema } from '../../../lambdas/api/answers/record-schemas.ts';
import { isTerminal } from '../../../lambdas/domain/statuses.ts';
import type { SampleGroup } from '../../../lib/gitlab-simulator/model.ts';
import { SampleGitLab, type SampleGitLabOptions } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { FIXTURES } from '../../relations/fixtures.ts';
import { isWrite } from '../../soak/fault-kinds.ts';
import { addGroups, addPeople, ROOT, TOKENS } from '../../soak/sample-source.ts';
import type { GroupPlan } from '../../soak/schedule.ts';
import { type ApiClient, until, type WantedEntity } from './bulk-imports-client.ts';
import { type ServiceInMemory, startServiceInMemory } from './service-in-memory.ts';

export type Plan = z.infer<typeof planSchema>;
export type PlanEntity = z.infer<typeof planEntitySchema>;

/** What a POST of the tests asks for. */
interface Wanted {
  destination_namespace?: string;
  plan_id?: number;
  verify?: boolean;
  configuration?: object;
  /** Changes of the entity that is asked for, one for each; one without any by default. */
  entities?: WantedEntity[];
}

/** A tree of groups at the source, and a destination that has none of it yet. */
export interface PlannedTree {
  source: SampleGitLab;
  destination: SampleGitLab;
  api: ApiClient;
  /** Plans the tree, and waits for the end of that. */
  plan(wanted?: Wanted): Promise<{ plan: Plan; entities: PlanEntity[] }>;
  /** Migrates it, likewise. */
  migrate(
    wanted?: Wanted,
  ): Promise<{ record: z.infer<typeof bulkImportSchema>; entities: z.infer<typeof entitySchema>[] }>;
  /** The body of a POST. */
  request(wanted?: Wanted): object;
  get(path: string): Promise<unknown>;
  /** Waits for the end of the plan or import at a path: whatever still runs moves the clock on when its GitLabs are gone. */
  ended(path: string): Promise<unknown>;
  /** How many requests that change something were sent to either. */
  writes(): number;
  /** How many records the destination has, the importing user's own memberships left out. */
  records(): number;
  stop(): Promise<void>;
}

/** The service of a test file, and trees that it plans and migrates, one at a time. */
export interface PlannedTrees {
  readonly service: ServiceInMemory;
  /** Starts two GitLabs with a tree at one of them, in place of those before; the last ones stop after the test. */
  start(tree: GroupPlan, options?: SampleGitLabOptions): Promise<PlannedTree>;
}

/** Starts the service for the tests of a file. */
export function usePlannedTrees(): PlannedTrees {
  let service: ServiceInMemory | undefined;
  let world: PlannedTree | undefined;
  const started = () => {
    if (service === undefined) throw new Error('The service starts with the first test.');
    return service;
  };
  async function stop(): Promise<void> {
    await world?.stop();
    world = undefined;
  }

  beforeAll(async () => {
    service = await startServiceInMemory();
  });
  afterEach(stop);

  return {
    get service() {
      return started();
    },
    async start(tree, options) {
      await stop();
      world = await plannedTree(started(), tree, options);
      return world;
    },
  };
}

/** Starts two GitLabs with a tree at one of them. */
export async function plannedTree(
  service: ServiceInMemory,
  tree: GroupPlan,
  options: SampleGitLabOptions = {},
): Promise<PlannedTree> {
  const [source, destination] = await Promise.all([
    new SampleGitLab().start(),
    new SampleGitLab(options).start(),
  ]);
  addPeople(source, TOKENS.source);
  addPeople(destination, TOKENS.destination);
  addGroups(source, tree);
  const api = service.between(source, destination);
  const token = TOKENS.destination;
  const get = async (path: string) => (await api.call('GET', path, { token })).body;
  const request = ({ destination_namespace = '', entities = [{}], ...others }: Wanted = {}) => ({
    configuration: { url: source.url, access_token: TOKENS.source },
    entities: entities.map(changes => ({
      source_type: 'group_entity',
      source_full_path: ROOT,
      destination_slug: ROOT,
      destination_namespace,
      ...changes,
    })),
    ...others,
  });
  const ended = (path: string) =>
    until(`the end of ${path}`, async () => {
      const now = await get(path);
      return isTerminal((now as Ended).status) ? now : undefined;
    });
  async function run<Record>(
    path: string,
    wanted: Wanted | undefined,
    schema: z.ZodMiniType<Record & Ended>,
  ) {
    const { status, body } = await api.call('POST', path, { token, json: request(wanted) });
    if (status !== 201) throw new Error(`it was refused: ${status} ${JSON.stringify(body)}`);
    const { id } = schema.parse(body);
    const record = schema.parse(await ended(`${path}/${id}`));
    return { record, entities: await get(`${path}/${id}/entities?per_page=100`) };
  }
  return {
    source,
    destination,
    api,
    request,
    get,
    ended,
    async plan(wanted: Wanted | undefined) {
      const { record, entities } = await run('/bulk_imports/plans', wanted, planSchema);
      return { plan: record, entities: z.array(planEntitySchema).parse(entities) };
    },
    async migrate(wanted) {
      const { record, entities } = await run('/bulk_imports', wanted, bulkImportSchema);
      return { record, entities: z.array(entitySchema).parse(entities) };
    },
    writes: () => [...source.requests, ...destination.requests].filter(isWrite).length,
    records: () => destination.groups().reduce((sum, group) => sum + recordsIn(group, destination), 0),
    stop: async () => {
      await Promise.all([source.stop(), destination.stop()]);
    },
  };
}

type Ended = Pick<z.infer<typeof bulkImportSchema>, 'id' | 'status'>;

function recordsIn(group: SampleGroup, destination: SampleGitLab): number {
  const importer = destination.userId('owner');
  const kinds = [...FIXTURES.values()].flatMap(fixture => fixture.kinds);
  const records = kinds
    .flatMap(({ recordsOf }) => recordsOf(group))
    .filter(({ userId }) => userId !== importer);
  // An attribute that a request of its own sets, and that is compared with the others of the group.
  return records.length + Number(group.settings.projectCreationLevel === 'noone');
}
