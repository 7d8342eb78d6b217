import { expect, it, vi } from 'vitest';
import type { StagedRelation } from '../../lambdas/pipelines/stages.ts';
import { type Changes, NOTHING_FORESEEN, sumChanges } from '../../lambdas/store/changes.ts';
import { recordsOfRelation } from '../../lib/gitlab-simulator/relation-records.ts';
import type { Fault, SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isWrite } from '../soak/fault-kinds.ts';
import { refused, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import {
  ACME,
  type Answer,
  type Bench,
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import type { RelationFixture, Story } from './fixture.ts';
import { recordsOfGroup } from './records-of-group.ts';
import { verificationContract } from './verification-contract.ts';

/** So many records a relation has where it can have several: one before and one after the one that is in trouble. */
const SEVERAL = 3;
/** One more than a page of GitLab holds. */
const MORE_THAN_A_PAGE = 101;
const WAIT_SECONDS = 25;
const NO_CHANGES = sumChanges([]);
/** So often a run may have to wait until what the other has sent can have no effect any more. */
const MOST_RUNS = 3;

export interface Scene {
  bench: Bench;
  migration: Migration;
}

/** Holds a relation to what every relation does. */
export function relationContract(relation: StagedRelation, fixture: RelationFixture): void {
  const { name } = relation;
  const handler = handlerOf(relation);
  const several = Math.min(SEVERAL, fixture.most ?? SEVERAL);

  story('moves', 'moves its records, and counts them', async () => {
    const scene = await arrange(several);

    expect(await scene.migration.run(handler)).toEqual(FINISHED);

    await expectArrived(scene, several);
    const { stats } = await scene.migration.entity();
    const imported = fixture.endsAs === 'failed' ? 0 : several;
    expect(stats).toMatchObject({ [relation.relation]: { source: several, fetched: several, imported } });
  });

  story('plan', 'says in a plan what the import then does, and sends nothing', async () => {
    const { bench, migration } = await arrange(several);
    const before = writtenAt(bench);
    const plan = await bench.migration(name, { from: 'acme', kind: 'plan' });

    expect(await plan.run(handler)).toEqual(FINISHED);

    const { source, destination } = bench;
    expect([...source.requests, ...destination.requests].filter(isWrite)).toEqual([]);
    const { changes, stats } = await plan.entity();
    expect(stats).toMatchObject({ [relation.relation]: { source: several, fetched: several } });
    const foreseen = relation.makesEntities ? undefined : { ...NO_CHANGES, ...plannedOf(several) };
    expect(changes?.[relation.relation]).toEqual(foreseen);
    await migration.run(handler);
    const { counts } = await migration.tracker();
    expect(sumOf(foreseen)).toBe(
      relation.makesEntities ? 0 : counts.imported + counts.skipped + counts.failed,
    );
    const { foreseen: { writes } = NOTHING_FORESEEN } = await plan.tracker();
    if (kinds.length > 0) expect(writtenAt(bench) - before).toBe(writes);
  });

  story('plan', 'finds nothing to do in a plan for what has arrived, and sends nothing', async () => {
    const { bench, migration } = await arrange(several);
    await migration.run(handler);
    const { requests } = bench.destination;
    const written = requests.filter(isWrite).length;
    const plan = await bench.migration(name, { ...ACME, kind: 'plan' });

    expect(await plan.run(handler)).toEqual(FINISHED);

    expect(requests.filter(isWrite)).toHaveLength(written);
    const { changes } = await plan.entity();
    const unchanged = relation.makesEntities ? undefined : { ...NO_CHANGES, unchanged: several };
    expect(changes?.[relation.relation]).toEqual(unchanged);
  });

  verificationContract(relation, fixture, { several, arrange, story });

  const { kinds } = recordsOfRelation(relation.relation);
  const plannedOf = (count: number) => fixture.planned?.(count) ?? { create: count };
  const sumOf = (changes: Partial<Changes> = {}) => Object.values(changes).reduce((sum, one) => sum + one, 0);

  /** How many records of the relation are at the destination. */
  function writtenAt({ destination }: Bench): number {
    return kinds.flatMap(({ recordsOf }) => destination.groups().flatMap(recordsOf)).length;
  }

  story('rerun', 'changes nothing when it runs again', async () => {
    const { bench, migration } = await arrange(several);
    await migration.run(handler);
    const before = structuredClone(bench.destination.groups());
    const writes = () => bench.destination.requests.filter(isWrite).length;
    const written = writes();
    const again = await bench.migration(name, ACME);

    expect(await again.run(handler)).toEqual(FINISHED);

    expect(structuredClone(bench.destination.groups())).toEqual(before);
    if (fixture.writesAgain === undefined) expect(writes()).toBe(written);
    await expectArrived({ bench, migration: again }, several);
  });

  story('refused', 'writes down the record that the destination refuses, and moves the others', async () => {
    const { bench, migration } = await arrange(several);
    const one = Math.min(1, several - 1);
    const mark = fixture.markOf?.(one, bench) ?? fixture.titleOf(one);
    bench.destination.onRequest = request =>
      isWrite(request) && JSON.stringify(request.body ?? '').includes(mark)
        ? refused(400, { base: ['is not to our taste'] })
        : undefined;

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect((await migration.tracker()).counts).toEqual(countsOf(several, { failed: 1 }));
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: relation.relation,
        step: 'loader',
        pipelineClass: relation.pipelineClass,
        exceptionClass: fixture.refusedAs ?? 'BulkImports::NetworkError',
        exceptionMessage: expect.stringContaining('is not to our taste'),
        correlationId: CORRELATION_ID,
        sourceTitle: fixture.titleOf(one),
      }),
    ]);
    // What the refused one lacks is all that is lacking: it arrives when it is not refused any more.
    bench.destination.onRequest = undefined;
    const again = await bench.migration(name, fixture.makesGroup ? { from: 'acme' } : ACME);
    await again.run(handler);
    await expectArrived({ bench, migration: again }, several);
  });

  story('next page', 'reads on after the records of a page', async () => {
    const scene = await arrange(MORE_THAN_A_PAGE);

    expect(await scene.migration.run(handler)).toEqual(FINISHED);

    await expectArrived(scene, MORE_THAN_A_PAGE);
  });

  story('throttled', 'waits as long as it is asked to, whichever request is throttled', async () => {
    for (const side of ['source', 'destination'] as const) {
      const asked = await eachOf(
        side,
        () => true,
        throttled(WAIT_SECONDS),
        async (scene, which) => {
          const results = [await scene.migration.run(handler), await scene.migration.run(handler)];

          expect(results, which).toEqual([{ status: 'wait', waitSeconds: WAIT_SECONDS }, FINISHED]);
        },
      );
      if (side === 'source') expect(asked).toBeGreaterThan(0);
    }
  });

  story('lost answer', 'finds what a request has done whose answer was lost, whichever it was', async () => {
    const lost = await eachOf('destination', isWrite, { kind: 'drop-after' }, async (scene, which) => {
      expect(await scene.migration.run(handler), which).toEqual(FINISHED);
    });
    expect(lost).toBeGreaterThan(0);
  });

  story(
    'two runs',
    'does once what two runs write that are alive at once, whichever write they meet at',
    async () => {
      const whole = await arrange(several);
      await whole.migration.run(handler);
      const writes = whole.bench.destination.requests.filter(isWrite);
      expect(writes.length).toBeGreaterThan(0);
      for (const order of ['the first', 'the second'] as const) {
        for (const [index, { method, path }] of writes.entries()) {
          const scene = await arrange(several);
          await runTwice(scene, index, order);
          await expectArrived(scene, several, `${method} ${path}, ${order} is late`);
        }
      }
    },
  );

  /**
   * Has a second run begin when the first is at a write. Late is the first, whose write takes effect after all that the
   * second does, or the second, whose write of the same takes effect after all that the first does.
   */
  async function runTwice(
    { bench, migration }: Scene,
    index: number,
    late: 'the first' | 'the second',
  ): Promise<void> {
    const met = Promise.withResolvers<void>();
    let second: Promise<Answer> | undefined;
    let sent = 0;
    let held = '';
    bench.destination.onRequest = request => {
      if (!isWrite(request)) return undefined;
      if (second === undefined) {
        if (sent++ < index) return undefined;
        held = written(request);
        second = migration.run(handler);
        const until = late === 'the first' ? second : Promise.race([second, met.promise]);
        return { kind: 'hold', until: until.then(() => undefined) };
      }
      if (late === 'the first' || written(request) !== held) return undefined;
      met.resolve();
      return { kind: 'hold', until: first.then(() => undefined) };
    };
    const first = migration.run(handler);
    await first;
    let answer = await second;
    vi.useFakeTimers({ toFake: ['Date'] });
    for (let runs = 0; runs < MOST_RUNS && answer?.status === 'wait'; runs++) {
      vi.setSystemTime(Date.now() + 1000 * answer.waitSeconds);
      answer = await migration.run(handler);
    }
    vi.useRealTimers();
    expect(answer).toEqual(FINISHED);
  }

  function story(which: Story, title: string, tell: () => Promise<void>): void {
    const reason = fixture.skip?.find(one => one.story === which)?.reason;
    if (reason === undefined) it(title, tell);
  }

  /** A group with so many records, and one at the destination, where the relation does not make it. */
  async function arrange(count: number): Promise<Scene> {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...fixture.seed(count, bench) });
    for (const seed of fixture.subgroups?.(count) ?? []) bench.source.addGroup({ ...seed, parent: 'acme' });
    if (!fixture.makesGroup) {
      bench.addDestinationGroup({ name: 'Acme', path: 'acme', ...fixture.before?.(count, bench) });
    }
    const from = fixture.makesGroup ? { from: 'acme' } : ACME;
    return { bench, migration: await bench.migration(name, from) };
  }

  /**
   * Lets each request of a kind that a migration sends meet the fault once, each in a migration of its own, after which
   * all must be there. @returns how many there were
   */
  async function eachOf(
    side: 'source' | 'destination',
    isMet: (request: SampleRequest) => boolean,
    fault: Fault,
    migrate: (scene: Scene, which: string) => Promise<void>,
  ): Promise<number> {
    const whole = await arrange(several);
    await whole.migration.run(handler);
    const requests = whole.bench[side].requests.filter(isMet);
    for (const [index, { method, path }] of requests.entries()) {
      const scene = await arrange(several);
      setFault(scene.bench[side], { path: /./, where: isMet, nth: index + 1 }, fault);
      await migrate(scene, `${method} ${path}`);
      await expectArrived(scene, several, `${method} ${path}`);
    }
    return requests.length;
  }

  async function expectArrived({ bench, migration }: Scene, count: number, which = ''): Promise<void> {
    const wanted = comparedAt(bench.source);
    const arrived = (await fixture.arrived?.(migration)) ?? comparedAt(bench.destination);
    expect(arrived, which).toEqual(wanted);
    const { counts } = await migration.tracker();
    const { imported, skipped } = counts;
    const isSkipped = fixture.isFoundAsSkip === true && which !== '' && skipped > 0;
    const found = isSkipped ? { ...counts, imported: imported + skipped, skipped: 0, skips: {} } : counts;
    expect(found, which).toEqual(countsOf(count, { failed: fixture.endsAs === 'failed' ? count : 0 }));
    expect(await migration.failures(), which).toHaveLength(counts.failed);
  }

  function comparedAt(gitlab: SampleGitLab): unknown {
    if (fixture.comparedAt !== undefined) return fixture.comparedAt(gitlab);
    const group = gitlab.group('acme');
    return group && recordsOfGroup(relation.relation, group);
  }
}

const written = ({ method, path, body }: SampleRequest) => JSON.stringify([method, path, body]);

const countsOf = (count: number, { failed }: { failed: number }) => ({
  source: count,
  fetched: count,
  imported: count - failed,
  skipped: 0,
  failed,
  skips: {},
});
