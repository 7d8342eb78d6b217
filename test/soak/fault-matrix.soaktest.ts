import { beforeAll, describe, expect, it } from 'vitest';
import { RELATIONS } from '../../lambdas/pipelines/stages.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { contentOf } from '../support/gitlab/source-tree.ts';
import { watchConnections } from '../support/network/connection-attempts.ts';
import { cellsOf, dependentsOf, type Ending, EXPECTED, endingOf, type Times } from './fault-expectations.ts';
import { type FaultKind, FORBIDDEN_URL, isWrite } from './fault-kinds.ts';
import { NOTICE } from './invariant.ts';
import { broken, OF_EVERY_ATTEMPT } from './invariants.ts';
import type { Mishap } from './mishaps.ts';
import { gitlabOf, isOf, nameOf, type OwnRequest, REQUESTS } from './pipeline-requests.ts';
import { type Records, recordsOf } from './records.ts';
import { relationOf } from './request-turns.ts';
import { ROOT } from './sample-source.ts';
import type { GroupPlan, ImportTrouble, Schedule } from './schedule.ts';
import { type Aftermath, live } from './world.ts';

const attempts = watchConnections();

const CONTENTS = { members: 4, projects: 0, hasAvatar: true, isLocked: true, isClosed: true } as const;
const CHILD: GroupPlan = {
  ...CONTENTS,
  labels: [''],
  milestones: [true],
  badges: 1,
  lists: 1,
  children: [],
};
const TREE: GroupPlan = {
  ...CONTENTS,
  labels: ['', '', ''],
  milestones: [true, false],
  badges: 2,
  lists: 2,
  boards: 2,
  children: [CHILD],
};
/** The same with more labels than a page holds. */
const PAGED: GroupPlan = { ...TREE, labels: Array.from({ length: 101 }, () => ''), children: [] };

/** The same without a subgroup, for the pipelines that do the same in each group: half the work. */
const ALONE: GroupPlan = { ...TREE, children: [] };
/** The same with a project. */
const WITH_PROJECT: GroupPlan = { ...ALONE, isLocked: false, projects: 1 };
const WITH_SUBGROUPS = ['group', 'subgroup_entities', 'members'];

/** What is wrong with all pages of a list shows where there are two. */
const OF_ALL_PAGES: FaultKind[] = ['stripped headers', 'all paging headers stripped', 'stuck page'];

/** All relations, by name; groups and projects both have one of members. */
const NAMES = [...new Set(Object.values(RELATIONS).flatMap(all => all.map(({ name }) => name)))];

function treeOf({ page, pipeline, of }: OwnRequest, kind: FaultKind): GroupPlan {
  if (of === 'project' || pipeline === 'project_entities') return WITH_PROJECT;
  if (page === '2' || OF_ALL_PAGES.includes(kind)) return PAGED;
  return WITH_SUBGROUPS.includes(pipeline) ? TREE : ALONE;
}

/** Lets a creation take effect and loses the answer, so that the group has to be found and proved. */
const LOST_CREATION: Mishap = {
  gitlab: 'destination',
  requests: isOf({ pipeline: 'group', role: 'write', request: 'POST /groups' }),
  nth: 1,
  times: 1,
  kind: 'dropped after',
};

/** Has the document about the first group come in a shape that no GitLab sends. */
const UNREAD_DOCUMENT: Mishap = {
  gitlab: 'source',
  requests: isOf({ pipeline: 'group', role: 'read', request: 'POST /api/graphql' }),
  nth: 1,
  times: 1,
  kind: 'another shape',
};

/** Has the document by which labels are made together refused. */
const REFUSED_DOCUMENT: Mishap = {
  gitlab: 'destination',
  requests: isOf({ pipeline: 'labels', role: 'write', request: 'POST /api/graphql' }),
  nth: 1,
  times: 1,
  kind: 'refused now and not later',
};
const FIRST = {
  'lost creation': [LOST_CREATION],
  'unread document': [UNREAD_DOCUMENT],
  'refused document': [REFUSED_DOCUMENT],
  'interrupted import': [],
  'left out record': [],
};

/** How the destination imports projects then. */
const TROUBLES: Partial<Record<keyof typeof FIRST, ImportTrouble>> = {
  'interrupted import': { kind: 'interrupted once' },
  'left out record': { kind: 'left out' },
};

const AFTER_IMPORTS = ['interrupted import', 'left out record'] as const;

/** What has to happen first, and the destination that it has to happen at. */
const setupOf = ({ after, version }: Pick<OwnRequest, 'after' | 'version'>): Setup => ({
  mishaps: after === undefined ? [] : FIRST[after],
  imports: after === undefined ? undefined : TROUBLES[after],
  isRetried: after === 'left out record',
  destination: version === undefined ? {} : { version },
});
type Setup = { mishaps: Mishap[]; isRetried: boolean } & Pick<Schedule, 'destination' | 'imports'>;

/** Runs an import and looks at what it left. */
async function migrate<T>(
  tree: GroupPlan,
  { mishaps, destination, imports, isRetried }: Setup,
  look: (aftermath: Aftermath) => T,
): Promise<T> {
  const schedule = {
    tree,
    mishaps,
    crashes: [],
    cancelAfter: undefined,
    stranger: undefined,
    destination,
    imports,
    order: 0,
  };
  const aftermath = await live(schedule);
  try {
    expect(broken(aftermath, schedule)).toEqual([]);
    if (isRetried && recordsOf(aftermath).record?.status === 'finished') {
      aftermath.destination.archives.behaviour.failedRelations = [];
      await aftermath.retry();
      expect(broken(aftermath, schedule, [...OF_EVERY_ATTEMPT])).toEqual([]);
    }
    return look(aftermath);
  } finally {
    await aftermath.stop();
  }
}

/** All that is at the destination, in a form that can be compared. */
const contentAt = ({ destination }: Aftermath) => ({
  content: contentOf(destination, ROOT),
  members: destination.groups().map(group =>
    // Every sample GitLab counts from another million.
    group.members.map(({ userId, accessLevel }) => [userId % 1_000_000, accessLevel]).sort(),
  ),
});

/** Per group and pipeline, how many records were imported. */
const countsIn = ({ trackers, entities }: Records) =>
  Object.fromEntries(
    trackers.map(({ entityId, pipeline, counts }) => [
      `${entities.find(({ id }) => id === entityId)?.sourceFullPath} ${pipeline}`,
      counts,
    ]),
  );

const baselines = new Map<GroupPlan, { content: unknown; counts: ReturnType<typeof countsIn> }>();

beforeAll(async () => {
  for (const tree of [TREE, ALONE, PAGED, WITH_PROJECT]) {
    const baseline = await migrate(tree, setupOf({}), aftermath => {
      expect(failuresOf(aftermath)).toEqual([]);
      expect(contentOf(aftermath.destination, ROOT)).toEqual(contentOf(aftermath.source, ROOT));
      return { content: contentAt(aftermath), counts: countsIn(recordsOf(aftermath)) };
    });
    baselines.set(tree, baseline);
  }
});

it('the table has every pipeline, and every request of each', async () => {
  const all = { source: [] as SampleRequest[], destination: [] as SampleRequest[] };
  const setups = new Map(REQUESTS.map(own => [JSON.stringify([own.after, own.version]), setupOf(own)]));
  for (const [tree, setup] of [
    [PAGED, setupOf({})] as const,
    ...[...setups.values()].map(one => [TREE, one] as const),
    ...[setupOf({}), ...AFTER_IMPORTS.map(after => setupOf({ after }))].map(
      one => [WITH_PROJECT, one] as const,
    ),
  ]) {
    await migrate(tree, setup, ({ source, destination }) => {
      all.source.push(...source.requests);
      all.destination.push(...destination.requests);
    });
  }

  expect(new Set(REQUESTS.map(({ pipeline }) => pipeline))).toEqual(new Set(NAMES));
  expect(REQUESTS.filter(own => !all[gitlabOf(own)].some(isOf(own))).map(nameOf)).toEqual([]);
  for (const name of ['source', 'destination'] as const) {
    const unknown = all[name]
      .filter(request => relationOf(request) !== undefined)
      .filter(
        request =>
          !REQUESTS.some(
            own =>
              gitlabOf(own) === name &&
              isOf(own)(request) &&
              isWrite(request) === (own.role === 'write' || own.role === 'order'),
          ),
      );
    expect(unknown.map(request => `${relationOf(request)} ${request.method} ${request.path}`)).toEqual([]);
  }
});

describe.each(NAMES)('%s', pipeline => {
  describe.each(REQUESTS.filter(own => own.pipeline === pipeline).map(own => [nameOf(own), own] as const))(
    '%s',
    (_, own) => {
      it.each(cellsOf(own).map(({ kind, times }) => [times, kind, endingOf(own, kind, times)] as const))(
        'that is %s %s: %s',
        async (times, kind, ending) => {
          attempts.length = 0;
          const mishap: Mishap = {
            gitlab: gitlabOf(own),
            requests: isOf(own),
            nth: 1,
            times: TIMES[times],
            kind,
          };

          const { mishaps, ...setup } = setupOf(own);
          await migrate(treeOf(own, kind), { mishaps: [...mishaps, mishap], ...setup }, aftermath =>
            checkOf(own, ending)(aftermath, own, kind),
          );

          const { port } = new URL(FORBIDDEN_URL);
          expect(attempts.filter(attempt => attempt.port === Number(port))).toEqual([]);
        },
      );
    },
  );
});

const TIMES: Record<Times, number> = {
  once: 1,
  'ten times': 10,
  'forty times': 40,
  always: Number.POSITIVE_INFINITY,
};

/** What a failure must say, whatever happened: which GitLab. */
const WHERE = { source: /source/, destination: /destination/ };
/** Requests that can be on their way when a token is revoked: a few of each pipeline of a stage. */
const MOST_IN_FLIGHT = 12;

/**
 * All failures but those that tell of something else than a fault: who the authors of a project are, in what state one is
 * left whose entity has ended too early, and what GitLab's own import has left out.
 */
const failuresOf = (aftermath: Aftermath) =>
  recordsOf(aftermath).failures.filter(
    ({ exceptionClass, key }) =>
      exceptionClass !== NOTICE &&
      exceptionClass !== LEFT_OUT &&
      !/entity#(half|unarchived|unlocked)\b/.test(key),
  );

/** GitLab's own class of an error of a record. */
const LEFT_OUT = 'ActiveRecord::RecordInvalid';

type Check = (aftermath: Aftermath, own: OwnRequest, kind: FaultKind) => void;

const pipelineOf = ({ key }: { key: string }) => key.split('#')[1] ?? '';

/** The subgroups of a group that could not be created have failures of their own, which name no fault. */
const isItsOwn = ({ exceptionClass }: { exceptionClass: string }) =>
  exceptionClass !== 'BulkImports::ParentNotCreatedError';

const failsWithOthers: Check = (aftermath, own, kind) => {
  const failures = failuresOf(aftermath);
  const messages = failures
    .filter(failure => pipelineOf(failure) === own.pipeline && isItsOwn(failure))
    .map(failure => failure.exceptionMessage);
  expect(messages).not.toEqual([]);
  for (const message of messages) {
    expect(message).toMatch(EXPECTED[kind].says);
    expect(message).toMatch(WHERE[gitlabOf(own)]);
  }
};

const fails: Check = (aftermath, own, kind) => {
  failsWithOthers(aftermath, own, kind);
  const records = recordsOf(aftermath);
  const concerned = [own.pipeline, ...dependentsOf(own.pipeline)];
  expect(
    failuresOf(aftermath)
      .map(pipelineOf)
      .filter(name => !concerned.includes(name)),
  ).toEqual([]);
  if (own.pipeline === 'group') return;
  const expected = baselines.get(treeOf(own, kind))?.counts ?? {};
  for (const [name, counts] of Object.entries(countsIn(records))) {
    const isConcerned = concerned.some(pipeline => name.endsWith(` ${pipeline}`));
    if (!isConcerned) expect({ name, counts }).toEqual({ name, counts: expected[name] });
  }
};

/** What is made up for by other requests may end as it was, or as what these met. */
const checkOf = (own: OwnRequest, ending: Ending): Check => {
  if (own.isMadeUpFor !== true) return ENDINGS[ending];
  return (aftermath, ...rest) => {
    const isUntouched = failuresOf(aftermath).length === 0;
    ENDINGS[isUntouched ? 'whole' : ending](aftermath, ...rest);
  };
};

const ENDINGS: Record<Ending, Check> = {
  whole(aftermath, own, kind) {
    const { record } = recordsOf(aftermath);
    expect(failuresOf(aftermath).map(({ exceptionMessage }) => exceptionMessage)).toEqual([]);
    expect(record?.status).toBe('finished');
    expect(contentAt(aftermath)).toEqual(baselines.get(treeOf(own, kind))?.content);
  },
  fails,
  'fails with others': failsWithOthers,
  'loses one record'(aftermath, own, kind) {
    fails(aftermath, own, kind);
    const failed = failuresOf(aftermath).filter(
      failure => pipelineOf(failure) === own.pipeline && isItsOwn(failure),
    );
    expect(failed).toEqual([expect.objectContaining({ sourceTitle: expect.stringMatching(/./) })]);
  },
  ends(aftermath, own, kind) {
    const { record, entities } = recordsOf(aftermath);
    const failures = failuresOf(aftermath);
    expect(record?.status).toBe('failed');
    expect(entities.filter(({ status }) => status !== 'failed' && status !== 'finished')).toEqual([]);
    const ended = failures.filter(({ relation }) => relation === 'entity');
    // No record has failed for it.
    expect(failures).toEqual(ended);
    expect(ended).not.toEqual([]);
    for (const { exceptionMessage } of ended) {
      expect(exceptionMessage.match(EXPECTED[kind].says)?.[1]).toBe(gitlabOf(own));
    }
    const refused = aftermath[gitlabOf(own)].requests.filter(({ status }) => status === 401);
    expect(refused.length).toBeLessThanOrEqual(MOST_IN_FLIGHT);
  },
};
