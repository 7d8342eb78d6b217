import { expect } from 'vitest';
import type { StagedRelation } from '../../lambdas/pipelines/stages.ts';
import { fieldsIn } from '../../lambdas/report/verification.ts';
import { putAuditEvents } from '../../lambdas/store/audit-events.ts';
import { type Changes, sumChanges } from '../../lambdas/store/changes.ts';
import type { Failure } from '../../lambdas/store/failures.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isWrite } from '../soak/fault-kinds.ts';
import { FINISHED, handlerOf, type Migration, verificationOf } from '../support/service/pipeline-bench.ts';
import type { Scene } from './contract.ts';
import type { RelationFixture, Story } from './fixture.ts';

/** What the stories are told with. */
interface Telling {
  /** So many records a relation has where it can have several. */
  several: number;
  /** A group with so many records, and one at the destination, where the relation does not make it. */
  arrange(count: number): Promise<Scene>;
  story(which: Story, title: string, tell: () => Promise<void>): void;
}

const MISSING = 'BulkImports::MissingRecordError';
const DIFFERENT = 'BulkImports::DifferentRecordError';

const acme = (gitlab: SampleGitLab) => gitlab.group('acme') as SampleGroup;

/** Holds a relation to what a verification says of it: exactly what is so. */
export function verificationContract(
  relation: StagedRelation,
  fixture: RelationFixture,
  { several, arrange, story }: Telling,
): void {
  const { name } = relation;
  const handler = handlerOf(relation);
  const one = Math.min(1, several - 1);

  story('moves', 'finds nothing in a verification of what has arrived, and sends nothing', async () => {
    const scene = await migrated();

    expect(await verified(scene)).toEqual({ changes: changesOf({ unchanged: several }), failures: [] });
  });

  story('missing', 'names in a verification the record that is missing, and no other', async () => {
    const scene = await migrated();
    take(scene.bench.destination, one);

    const { changes, failures } = await verified(scene);

    expect(failures).toMatchObject([named(one, MISSING)]);
    expect(changes).toEqual(changesOf({ unchanged: several - 1, create: 1, blocked: 1 }));
  });

  story(
    'different',
    'names in a verification what was changed, whatever that is, and nothing else',
    async () => {
      const all = Object.entries({ 0: fixture.changes ?? {}, ...fixture.changesOfOthers }).flatMap(
        ([index, changes]) =>
          Object.entries(changes).map(([what, change]) => ({ index: Number(index), what, change })),
      );
      expect(all).not.toEqual([]);
      for (const { index, what, change } of all) {
        const scene = await migrated();
        change(acme(scene.bench.destination), scene.bench.destination);

        const { changes, failures } = await verified(scene);

        expect(failures, what).toMatchObject([named(index, DIFFERENT)]);
        expect(failures[0]?.exceptionMessage).toContain(`other than at the source: ${what}`);
        expect(fieldsIn(failures[0] as Failure)).toEqual(what.includes(' ') ? [] : [what]);
        expect(changes, what).toEqual(changesOf({ unchanged: several - 1, update: 1 }));
      }
    },
  );

  story('new at source', 'does not miss in a verification what has come to the source since', async () => {
    const scene = await arrange(several);
    const come = take(scene.bench.source, one);
    await scene.migration.run(handler);
    await noteGroup(scene.migration);
    come();

    expect(await verified(scene)).toEqual({
      changes: changesOf({ unchanged: several - 1, unknown: 1 }),
      failures: [],
    });
  });

  async function migrated(): Promise<Scene> {
    const scene = await arrange(several);
    expect(await scene.migration.run(handler)).toEqual(FINISHED);
    return scene;
  }

  async function verified({ bench, migration }: Scene) {
    const writes = () => [...bench.source.requests, ...bench.destination.requests].filter(isWrite).length;
    const before = writes();
    const verification = await verificationOf(name, migration);
    expect(await verification.run(handler)).toEqual(FINISHED);
    expect(writes()).toBe(before);
    const [{ changes }, failures] = await Promise.all([verification.entity(), verification.failures()]);
    return { changes: changes?.[relation.relation], failures };
  }

  function take(gitlab: SampleGitLab, index: number): () => void {
    if (fixture.take === undefined) throw new Error('nothing can be taken away of this relation');
    return fixture.take(acme(gitlab), index, gitlab);
  }

  // What has an entity is verified by itself.
  const changesOf = ({ unchanged = 0, ...others }: Partial<Changes>) => ({
    ...sumChanges([]),
    ...(relation.makesEntities ? others : { unchanged, ...others }),
  });

  const named = (index: number, exceptionClass: string) => ({
    ...{ relation: relation.relation, pipelineClass: relation.pipelineClass, step: 'loader' },
    ...{ exceptionClass, sourceTitle: fixture.titleOf(index) },
  });
}

/** Each group is written down before all that is in it. */
async function noteGroup({ importId, entityId }: Migration): Promise<void> {
  const at = new Date().toISOString();
  await putAuditEvents([
    {
      ...{ importId, entityId, key: '0-1-group-1-000000', relation: 'group', attempt: 1, at, doneAt: at },
      ...{ operation: 'create the group', method: 'POST', path: '/groups', kind: 'create', attributes: [] },
      ...{ target: 'Group', targetId: 1, title: 'Acme', within: null, result: 'created', status: 201 },
      requestId: null,
    },
  ]);
}
