import { describe, expect, it } from 'vitest';
import { group } from '../../lambdas/pipelines/group.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, requestsTo } from '../support/gitlab/gitlab-faults.ts';
import {
  type Bench,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { withClock } from '../support/test-run/clock.ts';

const handler = handlerOf(group);

useTableInMemory();

const CREATE = { method: 'POST', path: '/groups' } as const;
const TO_TOP = { from: 'acme', destinationNamespace: '' };

type Body = Record<string, unknown>;
const bodyOf = (request: SampleRequest) => request.body as Body;

/** The destination refuses creations whose body is `bad`. */
function refuse(bench: Bench, bad: (body: Body) => Fault | undefined): void {
  bench.destination.onRequest = request =>
    request.method === 'POST' && request.path.endsWith('/groups') ? bad(bodyOf(request)) : undefined;
}

async function oneFailure(migration: Migration, attribute: string): Promise<string> {
  const failures = await migration.failures();
  expect(failures).toEqual([
    expect.objectContaining({
      relation: 'group',
      step: 'loader',
      exceptionClass: 'BulkImports::AttributeRejectedError',
      exceptionMessage: expect.stringContaining(attribute),
      sourceTitle: 'Acme',
    }),
  ]);
  const message = failures[0]?.exceptionMessage ?? '';
  expect(message.length).toBeLessThanOrEqual(255);
  return message;
}

describe('an attribute that the destination does not take', () => {
  it.each([
    `Failed to save group {:description=>["is too long (maximum is 500 characters)"]}`,
    `Failed to save group {description: ["is too long (maximum is 500 characters)"]}`,
  ])('is shortened where that helps: %s', async message => {
    const bench = await startBench({ source: { version: '19.1.0-ee' } });
    const description = `${'d'.repeat(499)}😀${'e'.repeat(300)}`;
    bench.source.addGroup({ name: 'Acme', path: 'acme', description });
    refuse(bench, body => ([...String(body.description)].length > 500 ? refused(400, message) : undefined));
    const migration = await bench.migration('group', TO_TOP);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(bench.destination.group('acme')?.description).toBe(`${'d'.repeat(499)}😀`);
    expect(await oneFailure(migration, 'description')).toMatch(/'d+…'.*maximum is 500.*with a shorter one/);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
    expect((await migration.entity()).status).toBe('finished');
  });

  it('is left out where a top-level group forbids it', async () => {
    const bench = await startBench();
    const settings = { requireTwoFactorAuthentication: true };
    bench.source.addGroup({ name: 'Acme', path: 'acme', description: 'We', settings });
    refuse(bench, body =>
      body.require_two_factor_authentication === undefined
        ? undefined
        : refused(
            400,
            'Failed to save group {:require_two_factor_authentication=>["is forbidden by a top-level group"]}',
          ),
    );
    const migration = await bench.migration('group', TO_TOP);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(bench.destination.group('acme')).toMatchObject({
      description: 'We',
      settings: { requireTwoFactorAuthentication: false },
    });
    expect(await oneFailure(migration, 'require_two_factor_authentication')).toContain('forbidden by');
  });

  it('is left out when its value is of a newer version', async () => {
    const bench = await startBench();
    const settings = { projectCreationLevel: 'administrator' } as const;
    bench.source.addGroup({ name: 'Acme', path: 'acme', settings });
    const body = JSON.stringify({ error: 'project_creation_level does not have a valid value' });
    refuse(bench, sent =>
      sent.project_creation_level === undefined ? undefined : { kind: 'respond', status: 400, body },
    );
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect(bench.destination.group('acme')?.settings.projectCreationLevel).toBe('developer');
    expect(await oneFailure(migration, 'project_creation_level')).toContain("'administrator'");
  });

  it('costs one failure each, however often the run is interrupted', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', description: 'long' });
    let creations = 0;
    refuse(bench, body => {
      creations += 1;
      if (body.lfs_enabled !== undefined && body.description !== undefined) {
        return refused(400, { lfs_enabled: ['is odd'], description: ['is odd, too'] });
      }
      return creations < 4 ? { kind: 'drop-before' } : undefined;
    });
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);
    await migration.run(handler);
    await migration.run(handler);

    expect(bench.destination.group('acme')?.description).toBe('');
    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage).sort()).toEqual([
      expect.stringMatching(/^The destination did not take description 'long': is odd, too\. /),
      expect.stringMatching(/^The destination did not take lfs_enabled 'true': is odd\. /),
    ]);
  });

  it('ends the group when it is the path', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    refuse(bench, () => refused(400, 'Failed to save group {:path=>["acme is a reserved name"]}'));
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect((await migration.entity()).status).toBe('failed');
    expect(requestsTo(bench.destination, CREATE)).toHaveLength(1);
  });

  it('is not tried for ever', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', description: 'long' });
    refuse(bench, () =>
      refused(400, 'Failed to save group {:visibility_level=>["is odd"], :description=>["is odd"]}'),
    );
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect((await migration.entity()).status).toBe('failed');
    expect(requestsTo(bench.destination, CREATE).length).toBeLessThan(5);
  });
});

describe('an attribute that the response does not show as asked for', () => {
  it('is one failure each', async () => {
    const bench = await startBench();
    const settings = { lfsEnabled: true, subgroupCreationLevel: 'owner' } as const;
    bench.source.addGroup({ name: 'Acme', path: 'acme', settings });
    refuse(bench, body => {
      const shown = { ...body, lfs_enabled: false, subgroup_creation_level: 'maintainer' };
      const group = { ...shown, id: 77, full_path: 'acme', parent_id: null, description: null };
      return { kind: 'respond', status: 201, body: JSON.stringify(group) };
    });
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect((await migration.entity()).namespaceId).toBe(77);
    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage).sort()).toEqual([
      expect.stringMatching(/^At the destination lfs_enabled is 'false' instead of 'true'\./),
      expect.stringMatching(/subgroup_creation_level is 'maintainer' instead of 'owner'/),
    ]);
  });

  it('is found when the response does not show the attribute at all', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', settings: { lfsEnabled: true } });
    refuse(bench, body => {
      const { lfs_enabled: _, ...shown } = body;
      const group = { ...shown, id: 77, full_path: 'acme', parent_id: null };
      return { kind: 'respond', status: 201, body: JSON.stringify(group) };
    });
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      expect.stringContaining("lfs_enabled is empty instead of 'true'"),
    ]);
  });

  it('is found in a group whose response was lost, too', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', description: 'We' });
    const headers = { 'retry-after': '30' };
    refuse(bench, () => ({ kind: 'respond-after', status: 502, headers, body: 'Bad Gateway' }));
    const migration = await bench.migration('group', TO_TOP);
    await migration.run(handler);
    const made = bench.destination.group('acme');
    if (made !== undefined) made.description = 'Others';

    await withClock(31_000, () => migration.run(handler));

    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      expect.stringContaining("description is 'Others' instead of 'We'"),
    ]);
  });
});
