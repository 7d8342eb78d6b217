import { describe, expect, it } from 'vitest';
import { group } from '../../lambdas/pipelines/group.ts';
import { pathFor } from '../../lambdas/pipelines/group-rules.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import {
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  SOURCE_TOKEN,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(group);

useTableInMemory();

const INTO_HOME = { from: 'acme', destinationNamespace: 'home' };
const TO_TOP = { from: 'acme', destinationNamespace: '' };
const CREATE = { method: 'POST', path: '/groups' } as const;

describe('the group pipeline', () => {
  it('makes the group in its parent with the attributes of the source', async () => {
    const bench = await startBench();
    const settings = {
      emailsEnabled: false,
      lfsEnabled: false,
      mentionsDisabled: true,
      projectCreationLevel: 'maintainer',
      requestAccessEnabled: false,
      requireTwoFactorAuthentication: true,
      shareWithGroupLock: true,
      subgroupCreationLevel: 'owner',
      twoFactorGracePeriod: 7,
    } as const;
    bench.source.addGroup({ name: 'Acme Inc.', path: 'acme', description: 'We make it', settings });
    const home = bench.addDestinationGroup({ name: 'Home', path: 'home' });
    const migration = await bench.migration('group', { ...INTO_HOME, destinationSlug: 'moved' });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    const made = bench.destination.group('home/moved');
    expect(made).toMatchObject({
      name: 'Acme Inc.',
      path: 'moved',
      description: 'We make it',
      visibility: 'private',
      parentId: home.id,
      settings,
    });
    expect(await migration.entity()).toMatchObject({
      status: 'finished',
      namespaceId: made?.id,
      destinationFullPath: 'home/moved',
      stats: { group: { source: 1, fetched: 1, imported: 1 } },
    });
    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      counts: { source: 1, fetched: 1, imported: 1, skipped: 0, failed: 0 },
    });
  });

  it('does not send what the source does not know', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', settings: { mentionsDisabled: null } });
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    const [creation] = requestsTo(bench.destination, CREATE);
    expect(creation?.body).not.toHaveProperty('mentions_disabled');
    expect(bench.destination.group('acme')?.parentId).toBeNull();
  });

  it.each(['home', ''])('takes the group that an unanswered request has made in "%s"', async parent => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, { ...CREATE, nth: 1 }, { kind: 'drop-after' });
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: parent });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    const path = parent === '' ? 'acme' : 'home/acme';
    expect(bench.destination.groups().map(({ fullPath }) => fullPath)).toEqual(['home', path]);
    expect(await migration.entity()).toMatchObject({
      namespaceId: bench.destination.group(path)?.id,
      destinationFullPath: path,
    });
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
  });

  it.each([
    { where: 'source', method: 'POST', path: '/api/graphql' },
    { where: 'destination', method: 'POST', path: '/groups' },
    { where: 'destination', method: 'POST', path: '/api/graphql' },
  ] as const)('waits when the $where throttles $method $path', async ({ where, method, path }) => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench[where], { method, path, nth: 1 }, throttled(50));
    const migration = await bench.migration('group', INTO_HOME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 50 }, FINISHED]);
    expect(bench.destination.groups().map(({ fullPath }) => fullPath)).toEqual(['home', 'home/acme']);
    expect((await migration.tracker()).counts).toEqual({
      source: 1,
      fetched: 1,
      imported: 1,
      skipped: 0,
      failed: 0,
      skips: {},
    });
  });

  it('fails the entity when the destination refuses the group', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, CREATE, refused(403, '403 Forbidden'));
    const migration = await bench.migration('group', INTO_HOME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(await migration.tracker()).toMatchObject({
      status: 'failed',
      counts: { source: 1, fetched: 1, imported: 0, skipped: 0, failed: 1 },
    });
    expect(await migration.entity()).toMatchObject({
      status: 'failed',
      hasFailures: true,
      namespaceId: null,
    });
    expect(await migration.record()).toMatchObject({ status: 'started', hasFailures: true });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'group',
        step: 'loader',
        pipelineClass: 'BulkImports::Groups::Pipelines::GroupPipeline',
        exceptionClass: 'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError',
        exceptionMessage: expect.stringMatching(/^User not allowed to create group\. /),
        correlationId: CORRELATION_ID,
        sourceTitle: 'Acme',
      }),
    ]);
  });

  it.each([
    {
      lost: 'group at the source',
      from: 'gone',
      namespace: 'home',
      step: 'extractor',
      names: 'BulkImports::Error',
    },
    {
      lost: 'parent at the destination',
      from: 'acme',
      namespace: 'gone',
      step: 'loader',
      names: 'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError',
    },
  ])('fails the entity when the $lost is gone', async ({ from, namespace, step, names }) => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    const migration = await bench.migration('group', { from, destinationNamespace: namespace });

    await migration.run(handler);

    expect((await migration.entity()).status).toBe('failed');
    expect((await migration.tracker()).status).toBe('failed');
    expect(await migration.failures()).toEqual([expect.objectContaining({ step, exceptionClass: names })]);
    expect(bench.destination.groups()).toHaveLength(1);
  });

  it.each([
    { where: 'at the top level', namespace: '', says: /Choose a group .* as destination_namespace/ },
    { where: 'in a group', namespace: 'home', says: /Check the role of the destination token's user/ },
  ])('says what to do when the user may not create a group $where', async ({ namespace, says }) => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, CREATE, refused(403, `403 Forbidden ${'x'.repeat(300)}`));
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: namespace });

    await migration.run(handler);

    const [failure] = await migration.failures();
    expect(failure?.exceptionMessage).toMatch(says);
    expect(failure?.exceptionMessage.length).toBeLessThanOrEqual(255);
  });

  it('passes on that the user needs two-factor authentication', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    setFault(bench.destination, CREATE, refused(403, '403 Forbidden - Two-factor authentication required'));
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect((await migration.failures())[0]?.exceptionMessage).toMatch(
      /^User requires Two-Factor Authentication\. /,
    );
  });

  it('sends emails_disabled, which every version takes', async () => {
    const bench = await startBench({ destination: { version: '14.0.0' } });
    bench.source.addGroup({ name: 'Acme', path: 'acme', settings: { emailsEnabled: false } });
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    const [creation] = requestsTo(bench.destination, CREATE);
    expect(creation?.body).toMatchObject({ emails_disabled: true });
    expect(creation?.body).not.toHaveProperty('emails_enabled');
    expect(bench.destination.group('acme')?.settings.emailsEnabled).toBe(false);
  });

  it.each([
    { slug: '_', name: 'Team Über', id: 7, path: 'team-uber' },
    { slug: '_', name: '_', id: 7, path: 'group-7' },
    { slug: 'Team', name: 'Other', id: 7, path: 'team' },
  ])('makes $path of the slug $slug of a group called $name', ({ slug, name, id, path }) => {
    expect(pathFor(slug, { id, name })).toBe(path);
  });

  it('makes a group whose path is an underscore', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.source.addGroup({ name: 'Inner team', path: '_', parent: 'acme' });
    const migration = await bench.migration('group', { from: 'acme/_', destinationNamespace: '' });

    await migration.run(handler);

    expect((await migration.entity()).destinationFullPath).toBe('inner-team');
  });

  it('finds a group that is spelled otherwise for an old GraphQL', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'Acme' });
    bench.source.onRequest = ({ path, body }) => {
      const { fullPath } = (body as { variables?: { fullPath?: string } })?.variables ?? {};
      if (!path.endsWith('/graphql') || fullPath === 'Acme') return undefined;
      return { kind: 'respond', status: 200, body: '{"data":{"group":null}}' };
    };
    const migration = await bench.migration('group', TO_TOP);

    await migration.run(handler);

    expect(bench.destination.group('acme')?.name).toBe('Acme');
  });

  it('finds a group that was renamed, also when another took its path', async () => {
    const bench = await startBench();
    const acme = bench.source.addGroup({ name: 'Acme', path: 'acme' });
    const migration = await bench.migration('group', TO_TOP);
    await fetch(`${bench.source.url}/api/v4/groups/${acme.id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${SOURCE_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ path: 'moved' }),
    });
    bench.source.addGroup({ name: 'Other', path: 'acme' });

    await migration.run(handler);

    expect(bench.source.group('moved')?.id).toBe(acme.id);
    expect(bench.destination.group('acme')?.name).toBe('Acme');
  });
});
