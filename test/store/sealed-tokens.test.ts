import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { TokenUseError } from '../../lambdas/domain/token-sealer.ts';
import { keys } from '../../lambdas/store/keys.ts';
import {
  eraseTokens,
  getTokens,
  hasTokens,
  putTokens,
  TokensErasedError,
} from '../../lambdas/store/sealed-tokens.ts';
import { documents, getItem, putNewItem } from '../../lambdas/store/table.ts';
import { newId } from '../support/table/new-id.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

afterEach(() => {
  vi.useRealTimers();
});

const SOURCE = 'fake-sealed-source-token';
const DESTINATION = 'fake-sealed-destination-token';
const DAY_MS = 24 * 3600 * 1000;

const recordOf = (id: number, attempt = 1) => ({
  id,
  attempt,
  sourceUrl: 'https://old.example',
  destinationUrl: 'https://new.example',
});

async function storedTokens(): Promise<number> {
  const importId = newId();
  await putTokens(recordOf(importId), { source: new Secret(SOURCE), destination: new Secret(DESTINATION) });
  return importId;
}

describe('the tokens of an import', () => {
  it('are read as they were stored', async () => {
    const { source, destination } = await getTokens(recordOf(await storedTokens()));

    expect([source.expose(), destination.expose()]).toEqual([SOURCE, DESTINATION]);
  });

  it('do not stand in the table', async () => {
    await storedTokens();

    const { Items } = await documents().send(new ScanCommand({ TableName: process.env.TABLE_NAME }));

    const texts = (Items ?? []).flatMap(item => Object.values(item)).map(String);
    const readable = texts.flatMap(text => [text, Buffer.from(text, 'base64').toString('latin1')]);
    expect(readable.length).toBeGreaterThan(0);
    for (const text of readable) {
      expect(text).not.toContain(SOURCE);
      expect(text).not.toContain(DESTINATION);
    }
  });

  it('cannot be opened under the id of another import', async () => {
    const [mine, other] = [await storedTokens(), newId()];
    await putNewItem({ ...(await getItem(keys.secret(mine))), ...keys.secret(other) });

    await expect(getTokens(recordOf(other))).rejects.toThrow();
  });

  it.each(['sourceUrl', 'destinationUrl'])('cannot be opened for another %s', async url => {
    const record = { ...recordOf(await storedTokens()), [url]: 'https://evil.example' };

    await expect(getTokens(record)).rejects.toThrow(TokenUseError);
  });

  it('are gone once they were erased, which may be repeated', async () => {
    const importId = await storedTokens();

    await eraseTokens(recordOf(importId));
    await eraseTokens(recordOf(importId));

    await expect(getTokens(recordOf(importId))).rejects.toThrow(TokensErasedError);
    expect(Object.keys((await getItem(keys.secret(importId))) ?? {}).sort()).toEqual([
      'attempt',
      'erased',
      'expiresAt',
      'pk',
      'sk',
      'v',
    ]);
  });

  it('stay erased when a request that is late stores them again', async () => {
    const importId = await storedTokens();
    await eraseTokens(recordOf(importId));

    await putTokens(recordOf(importId), {
      source: new Secret('late-source'),
      destination: new Secret('late'),
    });

    await expect(getTokens(recordOf(importId))).rejects.toThrow(TokensErasedError);
    expect(await hasTokens(importId)).toBe(false);
  });

  it('of another attempt take the place of those before, and whoever ends an earlier attempt leaves them', async () => {
    const importId = await storedTokens();
    await eraseTokens(recordOf(importId));
    const second = { source: new Secret('second-source'), destination: new Secret('second') };

    await putTokens(recordOf(importId, 2), second);
    await eraseTokens(recordOf(importId, 1));

    const { source } = await getTokens(recordOf(importId));
    expect(source.expose()).toBe('second-source');
  });

  it('of another attempt that was ended are not stored any more', async () => {
    const importId = await storedTokens();
    await eraseTokens(recordOf(importId, 2));

    await putTokens(recordOf(importId, 2), { source: new Secret('late'), destination: new Secret('late') });

    expect(await hasTokens(importId)).toBe(false);
  });

  it.each([
    { days: 14, gone: false },
    { days: 15, gone: true },
  ])('are gone after $days days, deleted by the table or not: $gone', async ({ days, gone }) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const importId = await storedTokens();

    vi.setSystemTime(Date.now() + days * DAY_MS);

    const read = getTokens(recordOf(importId)).then(
      () => 'read',
      (error: Error) => error.name,
    );
    expect(await read).toBe(gone ? 'TokensErasedError' : 'read');
    expect(await getItem(keys.secret(importId))).toBeDefined();
  });

  it('of a version that is not known are a loud error', async () => {
    const [known, strange] = [await storedTokens(), newId()];
    await putNewItem({ ...(await getItem(keys.secret(known))), ...keys.secret(strange), v: 2 });

    await expect(getTokens(recordOf(strange))).rejects.toThrow(/"v"/);
  });
});
