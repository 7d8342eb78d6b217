import { describe, expect, it } from 'vitest';
import { DESTINATION_TOKEN, SOURCE_TOKEN } from '../../lib/demo/sample-people.ts';
import { countLevels, SAMPLE_ROOT, sampleDestination, sampleSource } from '../../lib/demo/sample-source.ts';

describe('the sample source', () => {
  const { gitlab, users } = sampleSource();
  const groups = gitlab.groups();

  it('is one tree of 12 groups on 3 levels', () => {
    expect(groups).toHaveLength(12);
    expect(countLevels(groups)).toBe(3);
    expect(groups.filter(({ parentId }) => parentId === null).map(({ fullPath }) => fullPath)).toEqual([
      SAMPLE_ROOT,
    ]);
  });

  it('has one group with more labels than fit on a page', () => {
    expect(groups.filter(({ labels }) => labels.length > 100).map(({ fullPath }) => fullPath)).toEqual([
      'acme/platform/backend',
    ]);
  });

  it('has something of everything that is migrated', () => {
    const milestones = groups.flatMap(group => group.milestones);
    const lists = groups.flatMap(group => group.boards).flatMap(board => board.lists);

    expect(new Set(groups.map(({ visibility }) => visibility))).toEqual(
      new Set(['private', 'internal', 'public']),
    );
    expect(groups.every(({ description }) => description !== '')).toBe(true);
    expect(new Set(milestones.map(({ state }) => state))).toEqual(new Set(['active', 'closed']));
    expect(groups.flatMap(({ badges }) => badges).some(({ linkUrl }) => linkUrl.includes('%{'))).toBe(true);
    expect(lists.some(({ label }) => label)).toBe(true);
    expect(lists.some(({ milestone }) => milestone)).toBe(true);
    expect(lists.some(({ assignee }) => assignee)).toBe(true);
    expect(groups.some(({ boards }) => boards.length > 1)).toBe(true);
    expect(groups.some(({ settings }) => settings.membershipLock)).toBe(true);
    expect(groups.some(({ settings }) => settings.preventSharingGroupsOutsideHierarchy)).toBe(true);
    expect(groups.some(({ wikis }) => wikis.length > 0)).toBe(true);
    expect(groups.some(({ projects }) => projects.length > 0)).toBe(true);
    expect(groups.some(({ path }) => !/^[a-zA-Z0-9]+([._-][a-zA-Z0-9]+)*$/.test(path))).toBe(true);
  });

  it('has avatars that are PNG files', () => {
    const avatars = groups.flatMap(({ avatar }) => (avatar ? [avatar] : []));

    expect(avatars).toHaveLength(3);
    for (const { bytes } of avatars)
      expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  });

  it('has members without public e-mail address and without account at the destination', () => {
    const accounts = new Set(sampleDestination().users.map(({ publicEmail }) => publicEmail));
    const ids = new Set(groups.flatMap(({ members }) => members.map(({ userId }) => userId)));
    const members = users.filter(({ id }) => ids.has(id));

    expect(members.some(({ publicEmail }) => publicEmail === null)).toBe(true);
    expect(members.some(({ publicEmail }) => publicEmail && !accounts.has(publicEmail))).toBe(true);
    expect(members.filter(({ publicEmail }) => publicEmail && accounts.has(publicEmail)).length).toBe(11);
  });

  it('has tokens that nobody takes for real ones', () => {
    expect([SOURCE_TOKEN, DESTINATION_TOKEN]).toEqual(['sample-source-token', 'sample-destination-token']);
  });
});

it('leaves the sample destination without any group', () => {
  expect(sampleDestination().gitlab.groups()).toEqual([]);
});
