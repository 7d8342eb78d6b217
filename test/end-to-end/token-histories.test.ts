import { beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { formsOf } from '../support/gitlab/token-forms.ts';
import { startService, type TestService } from '../support/service/service.ts';

const SOURCE = 'sample+source/owner=token';
const DESTINATION = 'sample+dora/token=1';
const FORMS = [SOURCE, DESTINATION].flatMap(formsOf);

/** What the states of the workflow are given and give back, which Step Functions keeps as their history. */
const history: { name: string; text: string }[] = [];
const realInvoke = LocalFunctions.prototype.invoke;
vi.spyOn(LocalFunctions.prototype, 'invoke').mockImplementation(async function (
  this: LocalFunctions,
  name,
  event,
) {
  const note = (what: unknown) => history.push({ name, text: JSON.stringify([event, what]) });
  try {
    const result = await realInvoke.call(this, name, event);
    note(result);
    return result;
  } catch (error) {
    const { message, stack, cause, ...rest } = error as Error;
    note({ message, stack, cause: String(cause), ...rest });
    throw error;
  }
});

let service: TestService;
let importIds: number[];
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  const { source, destination, api } = service;
  source.addToken(SOURCE, { username: 'sofia' });
  destination.addToken(DESTINATION, { username: 'dora' });
  addPeople(source);
  addTree(source, { levels: 1 });
  let isRevoked = false;
  destination.onRequest = ({ method, path }) => {
    if (method === 'POST' && path.endsWith('/milestones')) {
      return { kind: 'respond', status: 403, body: '{"message":"403 Forbidden"}' };
    }
    const unauthorized = { kind: 'respond', status: 401, body: '{"message":"401 Unauthorized"}' } as const;
    return isRevoked && path.includes('/badges') ? unauthorized : undefined;
  };
  const start = async (slug: string) => {
    const json = api.request([{ destination_slug: slug }], { access_token: SOURCE });
    const { body } = await api.call('POST', '/bulk_imports', { json, token: DESTINATION });
    const { id } = body as { id: number };
    await api.untilEnded(id);
    return id;
  };
  importIds = [await start('faulty')];
  isRevoked = true;
  importIds.push(await start('revoked'));
});

const ofWorkflow = () => history.filter(({ name }) => !name.startsWith('api/'));

describe('the history of the workflow', () => {
  it('has no token in what its states are given, give back or fail with', () => {
    const leaks = ofWorkflow().filter(({ text }) => FORMS.some(form => text.includes(form)));

    expect(leaks).toEqual([]);
  });

  it('has every kind of function in it, and a failure', () => {
    const names = new Set(ofWorkflow().map(({ name }) => name.split('/')[0]));

    expect([...names].sort()).toEqual(['lane', 'workflow']);
    expect(ofWorkflow().length).toBeGreaterThan(5);
  });
});

it('failure rows of records, of pipelines and of a revoked token have no token in them', async () => {
  for (const id of importIds) {
    const entities = await service.api.getEntities(id);
    const answers = await Promise.all(
      entities.map(entity => service.api.call('GET', `/bulk_imports/${id}/entities/${entity.id}/failures`)),
    );
    const text = JSON.stringify([entities, answers.map(({ body, headers }) => [body, [...headers]])]);

    expect(entities.flatMap(({ failures }) => failures).length).toBeGreaterThan(0);
    expect(FORMS.filter(form => text.includes(form))).toEqual([]);
  }
});
