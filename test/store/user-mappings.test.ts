import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MappedUser } from '../../lambdas/domain/user-mapping.ts';
import {
  createUserMapping,
  findUserMapping,
  getParts,
  getUserMapping,
  listMappedUsers,
  partOf,
} from '../../lambdas/store/user-mappings.ts';
import { newId } from '../support/table/new-id.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 24 * 3600 * 1000;

const OWNER = { destinationUrl: 'https://new.example.com', userId: 5 };
const TARGETS: MappedUser['target'][] = [{ username: 'ada' }, { email: 'a@x.example' }, 'nobody', 'open'];
/** Of every third id, in no order. */
const users = (count: number): MappedUser[] =>
  Array.from({ length: count }, (_, index) => ({
    sourceUserId: 3 * (((index * 7) % count) + 1),
    name: `User ${index}`,
    username: `user-${index}`,
    target: TARGETS[index % TARGETS.length] ?? 'open',
  }));

const create = (all: MappedUser[]) =>
  createUserMapping({ ...OWNER, id: newId(), sourceHost: 'https://old.example.com' }, all);

describe('a user mapping', () => {
  it('is found with its counts, and with all of its users by id', async () => {
    const all = users(120);
    const { id } = await create(all);

    expect(await findUserMapping(id)).toMatchObject({
      ...{ id, ...OWNER, sourceHost: 'https://old.example.com' },
      ...{ rows: 120, assigned: 60, nobody: 30, empty: 30 },
    });
    expect(await listMappedUsers({ id })).toEqual(all.toSorted((a, b) => a.sourceUserId - b.sourceUserId));
  });

  it('tells in which part each of its users is, and of no other that it is in one where it is', async () => {
    const all = users(120);
    const mapping = await create(all);

    for (const user of all) {
      const part = partOf(mapping, user.sourceUserId);
      expect(await getParts(mapping, part === undefined ? [] : [part])).toContainEqual(user);
    }
    expect(partOf(mapping, 2)).toBeUndefined();
    expect(mapping.parts).toHaveLength(3);
  });

  it('cannot be named any more after 400 days, and is still there for an import that has begun', async () => {
    const { id } = await create(users(1));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 400 * DAY_MS + 1000 });

    expect(await findUserMapping(id)).toBeUndefined();
    expect(await getUserMapping(id)).toMatchObject({ id });
  });

  it('is not there before all of its users are', async () => {
    expect(await findUserMapping(newId())).toBeUndefined();
    await expect(getUserMapping(newId())).rejects.toThrow('does not exist');
  });
});
