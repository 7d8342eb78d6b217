import { beforeAll, describe, expect, it } from 'vitest';
import { migrate, type Outcome, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;

/** What the failure of a group says. */
const messageOf = (failures: Outcome['failures'], title: string) =>
  failures.find(({ source_title }) => source_title === title)?.exception_message;

describe('one attribute that the destination does not take costs that attribute', () => {
  it.each([
    ['16.7.0-ee', 500],
    ['16.6.0', 255],
  ])('a description of 800 characters at GitLab %s is shortened to %i', async (version, longest) => {
    const { source, destination, api } = await startPair(service, {
      source: { version: '19.1.0-ee' },
      destination: { version },
    });
    const description = `${'d'.repeat(longest - 1)}😀${'e'.repeat(800 - longest)}`;
    source.addGroup({
      name: 'Acme',
      path: 'acme',
      description,
      members: [OWNER],
      labels: [{ title: 'bug' }],
    });
    source.addGroup({ name: 'Team', path: 'team', parent: 'acme', description });

    const { record, failures } = await migrate(api);

    for (const path of ['imported/acme', 'imported/acme/team']) {
      expect(destination.group(path)?.description).toBe(`${'d'.repeat(longest - 1)}😀`);
    }
    expect(destination.group('imported/acme')?.labels).toHaveLength(1);
    expect(failures.map(({ source_title }) => source_title)).toEqual(['Acme', 'Team']);
    expect(failures[0]?.exception_message).toMatch(/description 'd+…'.*maximum is \d+ characters.*by hand/);
    expect(record).toMatchObject({ status: 'finished', has_failures: true });
  });

  it('two-factor authentication is not demanded where a top-level group forbids it', async () => {
    const { source, destination, api } = await startPair(service);
    destination.addUser({ username: 'tessa', twoFactorEnabled: true });
    destination.addToken('sample-tessa-token', { username: 'tessa' });
    destination.addGroup({
      name: 'Lax',
      path: 'lax',
      allowMfaForSubgroups: false,
      members: [{ username: 'tessa', accessLevel: 50 }],
    });
    const settings = { requireTwoFactorAuthentication: true };
    source.addGroup({ name: 'Acme', path: 'acme', settings, members: [OWNER], labels: [{ title: 'bug' }] });
    source.addGroup({ name: 'Team', path: 'team', parent: 'acme', labels: [{ title: 'own' }] });
    const start = api.start.bind(api);
    api.start = entities => start(entities, 'sample-tessa-token');
    const { untilEnded, getEntities } = api;
    api.untilEnded = id => untilEnded.call(api, id, 'sample-tessa-token');
    api.getEntities = id => getEntities.call(api, id, 'sample-tessa-token');

    const { record, failures } = await migrate(api, [{ destination_namespace: 'lax' }]);

    expect(failures).toHaveLength(1);
    expect(failures[0]?.exception_message).toMatch(
      /require_two_factor_authentication 'true': is forbidden by a top-level group.*by hand/,
    );
    expect(destination.group('lax/acme')?.settings.requireTwoFactorAuthentication).toBe(false);
    expect(destination.group('lax/acme')?.labels).toHaveLength(1);
    expect(destination.group('lax/acme/team')?.labels).toHaveLength(1);
    expect(record.status).toBe('finished');
  });
});

describe('two-factor authentication that the source demands and the caller does not have', () => {
  const settings = { requireTwoFactorAuthentication: true };

  it('is refused for the group that is asked for', async () => {
    const { source, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', settings, members: [OWNER] });

    expect(await api.refusal({})).toMatch(/Two-Factor Authentication.*'acme' demands it.*Enable it/);
  });

  it('is refused for a subgroup, and the groups beside it arrive', async () => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
    source.addGroup({ name: 'Safe', path: 'safe', parent: 'acme', settings });
    source.addGroup({ name: 'Below', path: 'below', parent: 'acme/safe' });
    source.addGroup({ name: 'Open', path: 'open', parent: 'acme' });

    const { record, failures } = await migrate(api);

    expect(destination.group('imported/acme/open')).toBeDefined();
    expect(destination.group('imported/acme/safe')).toBeUndefined();
    expect(failures.map(({ source_title }) => source_title).sort()).toEqual(['Below', 'Safe']);
    expect(messageOf(failures, 'Safe')).toMatch(/Two-Factor Authentication/);
    expect(record.status).toBe('finished');
  });
});

it('a group that cannot be made is accounted for with all that is below it, by name', async () => {
  const { source, destination, api } = await startPair(service, {
    destination: { topLevelGroupsByApi: false },
  });
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
  source.addGroup({ name: 'Team', path: 'team', parent: 'acme' });
  source.addGroup({ name: 'Crew', path: 'crew', parent: 'acme/team' });

  const { record, failures } = await migrate(api, [{ destination_namespace: '' }]);

  expect(failures.map(({ source_title }) => source_title).sort()).toEqual(['Acme', 'Crew', 'Team']);
  expect(messageOf(failures, 'Acme')).toMatch(/destination_namespace/);
  expect(destination.group('acme')).toBeUndefined();
  expect(record).toMatchObject({ status: 'failed', has_failures: true });
});
