import { beforeAll, describe, expect, it } from 'vitest';
import { bulkImportSchema } from '../../lambdas/api/answers/record-schemas.ts';
import { TOKENS, type WantedEntity } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

let slugs = 0;
const newSlug = () => `group-${++slugs}`;

function post(key: string | undefined, entity: WantedEntity, token: string = TOKENS.dora) {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  return service.api.call('POST', '/bulk_imports', { token, headers, json: service.api.request([entity]) });
}

const idOf = (answer: { body: unknown }) => bulkImportSchema.parse(answer.body).id;

async function importsOf(token: string): Promise<number> {
  const { headers } = await service.api.call('GET', '/bulk_imports', { token });
  return Number(headers.get('x-total'));
}

describe('a request that is sent again with its Idempotency-Key', () => {
  it('is the same import, before and after that has ended', async () => {
    const wanted = { destination_slug: newSlug() };

    const first = await post('same', wanted);
    const second = await post('same', wanted);
    await service.api.untilEnded(idOf(first));
    const third = await post('same', wanted);

    expect([first.status, second.status, third.status]).toEqual([201, 201, 201]);
    expect([idOf(second), idOf(third)]).toEqual([idOf(first), idOf(first)]);
    expect(third.body).toMatchObject({ status: 'finished' });
  });

  it('is one import also when both arrive at once', async () => {
    const wanted = { destination_slug: newSlug() };
    const before = await importsOf(TOKENS.dora);

    const answers = await Promise.all([post('at-once', wanted), post('at-once', wanted)]);

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(await importsOf(TOKENS.dora)).toBe(before + 1);
    const ended = await service.api.untilEnded(idOf(answers[0]));
    expect(ended).toMatchObject({ status: 'finished', has_failures: false });
    expect(await service.api.getEntities(ended.id)).toHaveLength(1);
  });

  it('is started when the first one was refused', async () => {
    const slug = newSlug();
    const wanted = { source_full_path: 'later', destination_slug: slug };
    const refused = await post('refused', wanted);
    service.source.addGroup({
      name: 'Later',
      path: 'later',
      members: [{ username: 'sofia', accessLevel: 50 }],
    });

    const answer = await post('refused', wanted);

    expect([refused.status, answer.status]).toEqual([422, 201]);
    expect((await service.api.untilEnded(idOf(answer))).status).toBe('finished');
    expect(service.destination.group(`imported/${slug}`)).toBeDefined();
  });

  it('is the same import also when it finds its own group in its way', async () => {
    const wanted = { destination_slug: newSlug() };
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    let checks = 0;
    service.source.onRequest = ({ path }) => {
      if (path !== '/api/v4/user') return undefined;
      checks += 1;
      return checks === 2 ? { kind: 'hold', until: held } : undefined;
    };

    const both = [post('slow', wanted), post('slow', wanted)];
    const faster = await Promise.race(both);
    await service.api.untilEnded(idOf(faster));
    release(undefined);
    const answers = await Promise.all(both);
    service.source.onRequest = undefined;

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers.map(idOf)).toEqual([idOf(faster), idOf(faster)]);
  });

  it('is started when the workflow of the first one could not be', async () => {
    const wanted = { destination_slug: newSlug() };
    const { STATE_MACHINE_ARN } = process.env;
    delete process.env.STATE_MACHINE_ARN;
    const first = await post('unstarted', wanted);
    process.env.STATE_MACHINE_ARN = STATE_MACHINE_ARN;

    const second = await post('unstarted', wanted);

    expect([first.status, second.status]).toEqual([503, 201]);
    expect(await service.api.untilEnded(idOf(second))).toMatchObject({ status: 'finished' });
  });

  it('is refused when it asks for something else, and nothing is started', async () => {
    await post('other', { destination_slug: newSlug() });
    const before = await importsOf(TOKENS.dora);

    const { status, body } = await post('other', { destination_slug: newSlug() });

    expect([status, body]).toEqual([
      422,
      { message: 'This Idempotency-Key was used for another request. Send this one with a key of its own.' },
    ]);
    expect(await importsOf(TOKENS.dora)).toBe(before);
  });
});

it('belongs to a user: the key of another one is another import', async () => {
  const mine = await post('shared', { destination_slug: newSlug() });
  const theirs = await post('shared', { destination_slug: newSlug() }, TOKENS.admin);

  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(idOf(theirs)).not.toBe(idOf(mine));
});

it('makes two imports of the same request without a key, as GitLab does', async () => {
  const entity = { destination_slug: newSlug() };

  const [first, second] = await Promise.all([post(undefined, entity), post(undefined, entity)]);

  expect([first?.status, second?.status]).toEqual([201, 201]);
  expect(idOf(second)).not.toBe(idOf(first));
});

it.each([
  ['an empty one', ''],
  ['256 characters', 'k'.repeat(256)],
  ['a space inside', 'a b'],
])('is refused when it is %s', async (_, key) => {
  const { status, body } = await post(key, { destination_slug: newSlug() });

  expect([status, body]).toEqual([400, { error: 'Idempotency-Key is invalid' }]);
});
