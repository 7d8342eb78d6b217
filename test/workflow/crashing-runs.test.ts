import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import type { RunEvent } from '../../lambdas/engine/run-event.ts';
import { RateLimitedError } from '../../lambdas/gitlab/rate-limiter.ts';
import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { changeEntity } from '../../lambdas/store/entities.ts';
import { handler as recordCrash } from '../../lambdas/workflow/record-crash.ts';
import { entityInLane, type NamedRelation, onePerPage, relationOf } from '../support/service/entity-lane.ts';
import { laneOfGroups } from '../support/service/lane-of-groups.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { countsOf } from '../support/table/counts.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { CRASH, groupRelations } from './crashes.ts';

const table = useTableInMemory();
beforeAll(setWorkflowEnvironment);
afterEach(() => {
  table().throttles = () => false;
});

const all = (number: number) => countsOf({ source: number, fetched: number, imported: number });

const dies = { create: () => Promise.reject(new StoreError('the process ends here')) };

/** What the state machine does with an entity: runs it, three times each before it has the death recorded. */
async function migrate(
  relations: NamedRelation[],
  { beforeRun = async () => undefined as unknown, mostRuns = 20 } = {},
) {
  const entity = await entityInLane(relations);
  let event: RunEvent = entity.event;
  const answers: string[] = [];
  for (let runs = 0; runs < mostRuns && answers.at(-1) !== 'ended'; runs++) {
    const attempt = async () => {
      await beforeRun();
      return runEntity(laneOfGroups(relations), event, Date.now() + 900_000);
    };
    const result = await attempt()
      .catch(attempt)
      .catch(attempt)
      .catch(() => {
        table().throttles = () => false;
        return recordCrash({ ...event, error: CRASH });
      });
    event = result;
    answers.push(result.status);
  }
  return { entity, answers };
}

describe('a run that dies of one of its relations, however often it is run,', () => {
  it('names it after the second time, and all others go on to their ends', async () => {
    const { entity, answers } = await migrate(groupRelations({ members: dies }));

    expect(answers).toEqual(['continue', 'continue', 'ended']);
    const { members, ...others } = await entity.statuses();
    expect(members).toBe('failed');
    expect(others).toEqual(
      Object.fromEntries(
        GROUP_RELATIONS.filter(({ name }) => name !== 'members').map(({ name }) => [name, 'finished']),
      ),
    );
    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: true, alone: null });
    expect(await entity.failures()).toMatchObject([
      { relation: 'members', exceptionClass: 'BulkImports::PipelineCrashedError' },
    ]);
  });

  it('names each of several', async () => {
    const { entity } = await migrate(groupRelations({ members: dies, badges: dies, boards: dies }));

    const failed = Object.entries(await entity.statuses()).filter(([, status]) => status === 'failed');
    expect(failed.map(([name]) => name).sort()).toEqual(['badges', 'boards', 'members']);
    expect((await entity.entity()).status).toBe('finished');
  });

  it('fails the entity when it is the group, and accounts for its subgroups', async () => {
    const { entity } = await migrate(groupRelations({ group: dies }));

    expect(await entity.statuses()).toEqual({ group: 'failed' });
    expect(await entity.entity()).toMatchObject({ status: 'failed', hasFailures: true });
    expect(await entity.record()).toMatchObject({ status: 'started', hasFailures: true });
    const failures = await entity.failures();
    expect(failures.map(({ exceptionClass }) => exceptionClass).sort()).toEqual([
      'BulkImports::ParentNotCreatedError',
      'BulkImports::PipelineCrashedError',
    ]);
  });

  it('keeps what the relations had moved before', async () => {
    const relations = groupRelations({
      labels: {
        read: onePerPage(['a', 'b', 'c']),
        async create(record) {
          if (record === 'c') throw new StoreError('the process ends here');
          return 'imported';
        },
      },
    });

    const { entity } = await migrate(relations);

    const { stats, trackers } = await entity.entity();
    expect(trackers.labels?.status).toBe('failed');
    expect(stats.labels).toEqual(countsOf({ source: 3, fetched: 2, imported: 2 }));
    expect(stats.members).toEqual(all(1));
  });
});

describe('a run that died once', () => {
  it('of something that passes is run again, and nothing has failed', async () => {
    let deaths = 3;
    const { entity, answers } = await migrate(groupRelations(), {
      beforeRun: async () => {
        if (deaths-- > 0) throw new Error('Lambda was in a bad mood');
      },
    });

    expect(answers).toEqual(['continue', 'ended']);
    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: false });
    expect(await entity.failures()).toEqual([]);
  });
});

describe('a run that dies outside of its relations', () => {
  const always = { beforeRun: () => Promise.reject(new Error('there is no memory for the module')) };

  it('fails the entity after the second time, with its subgroups accounted for', async () => {
    const { entity, answers } = await migrate(groupRelations(), always);

    expect(answers).toEqual(['continue', 'ended']);
    expect(await entity.entity()).toMatchObject({ status: 'failed', hasFailures: true });
    const failures = await entity.failures();
    expect(failures.find(({ relation }) => relation === 'entity')).toMatchObject({
      exceptionClass: 'Lambda.Unknown',
      exceptionMessage: expect.stringContaining('x is not a function'),
    });
    expect(failures.find(({ relation }) => relation === 'group')).toMatchObject({
      exceptionClass: 'BulkImports::ParentNotCreatedError',
      exceptionMessage: expect.stringMatching(/^.{1,240}import the group again\.$/),
    });
    expect(failures).toHaveLength(2);
  });
});

describe('a run that dies each time its turn has come, and waits for the next one in between,', () => {
  /** Waits for its turn, then dies, then waits for its turn: so the workflow never sees two deaths in a row. */
  function diesInTurn() {
    let calls = 0;
    return {
      async create() {
        calls += 1;
        if (calls % 2 === 1) throw new RateLimitedError('source', 6, Date.now() + 1_000);
        throw new StoreError('the process ends here');
      },
    };
  }

  it('is given up all the same, and the others go on', async () => {
    const { entity, answers } = await migrate(groupRelations({ members: diesInTurn() }), { mostRuns: 60 });

    expect(answers.at(-1)).toBe('ended');
    const { members, ...others } = await entity.statuses();
    expect(members).toBe('failed');
    expect(new Set(Object.values(others))).toEqual(new Set(['finished']));
    expect(await entity.failures()).toMatchObject([{ exceptionClass: 'BulkImports::PipelineCrashedError' }]);
  });

  it('is not taken for one when it gets something done in between', async () => {
    const relations = [relationOf('labels', { records: ['a', 'b', 'c'], read: onePerPage(['a', 'b', 'c']) })];
    const entity = await entityInLane(relations);
    await changeEntity(await entity.entity(), { set: { deaths: 5 } });

    await entity.run({}, 0);

    expect(await entity.entity()).toMatchObject({ deaths: 0 });
  });
});
