import { describe, expect, it } from 'vitest';
import { differences } from '../../lambdas/pipelines/attribute-failures.ts';
import { handler } from '../../lambdas/pipelines/group.ts';
import { maximumIn, rejectedAttributes } from '../../lambdas/pipelines/rejected-attributes.ts';
import { NetworkError } from '../../lambdas/shared/errors.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { withClock } from '../support/clock.ts';
import { refused, requestsTo } from '../support/gitlab-faults.ts';
import { type Bench, FINISHED, type Migration, startBench } from '../support/pipeline-bench.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

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
    expect(await oneFailure(migration, 'description')).toMatch(/'d+…'.*maximum is 500.*cut/);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
    expect((await migration.entity()).status).toBe('started');
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
      expect.stringMatching(/has lfs_enabled 'false' although 'true' was asked for/),
      expect.stringMatching(/has subgroup_creation_level 'maintainer' although 'owner' was asked for/),
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
      expect.stringContaining("has description 'Others' although 'We' was asked for"),
    ]);
  });

  it.each([
    { asked: { mentions_disabled: false }, shown: { mentions_disabled: null }, differ: [] },
    { asked: { description: '' }, shown: { description: null }, differ: [] },
    { asked: { description: ' a ' }, shown: { description: 'a' }, differ: [] },
    { asked: { emails_disabled: true }, shown: {}, differ: [] },
    { asked: { emails_disabled: true }, shown: { emails_disabled: null }, differ: ['emails_disabled'] },
    { asked: { grace: 7 }, shown: { grace: 48 }, differ: ['grace'] },
    { asked: { grace: 7 }, shown: { grace: null }, differ: ['grace'] },
  ])('is $differ for $asked and $shown', ({ asked, shown, differ }) => {
    expect(differences(asked, shown)).toEqual(differ);
  });
});

describe('what GitLab objects to', () => {
  const refusal = (reason: string, status = 400) =>
    new NetworkError('refused', { instance: 'destination', method: 'POST', status, reason });
  const all = ['name', 'path', 'description', 'visibility', 'emails_disabled', 'project_creation_level'];

  it.each([
    [
      'Failed to save group {:path=>["has already been taken"], :name=>["has already been taken"]}',
      { path: 'has already been taken', name: 'has already been taken' },
    ],
    ['Failed to save group {name: ["is bad", "is short"]}', { name: 'is bad, is short' }],
    ['Failed to save group {:"group.description"=>["is too long"]}', { description: 'is too long' }],
    ['description is too long, path is taken', { description: 'is too long', path: 'is taken' }],
    [
      'visibility_level public has been restricted by your GitLab administrator',
      { visibility: 'public has been restricted by your GitLab administrator' },
    ],
    ['emails_enabled is invalid, name is missing', { emails_disabled: 'is invalid', name: 'is missing' }],
    ['Failed to save group {:description=>["is too lo', { description: 'is too lo' }],
    ['Failed to save group. The path of the name is odd.', {}],
  ])('is read from %s', (reason, expected) => {
    expect(Object.fromEntries(rejectedAttributes(refusal(reason), all))).toEqual(expected);
  });

  it('is nothing in a 403', () => {
    expect(rejectedAttributes(refusal('{:path=>["is odd"]}', 403), all).size).toBe(0);
  });

  it.each([
    ['is too long (maximum is 255 characters)', 255],
    ['is too big (maximum is 5 MB)', undefined],
    ['is odd', undefined],
  ])('has a maximum: %s', (words, maximum) => {
    expect(maximumIn(words)).toBe(maximum);
  });
});
