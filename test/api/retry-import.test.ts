import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { time } from '../../lambdas/platform/time.ts';
import { getEntity } from '../../lambdas/store/entities.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { listOpenImports } from '../../lambdas/store/open-imports.ts';
import { getTokens, hasTokens } from '../../lambdas/store/sealed-tokens.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { ACME, startDestination, startSource } from '../support/service/service.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

useWorkflowTable();

let functions: LocalFunctions;
let source: SampleGitLab;
let dora: number;
const stepFunctions = mockedClient(SFNClient);
beforeAll(async () => {
  const [first, destination] = await Promise.all([startSource(), startDestination()]);
  source = first;
  source.addGroup({ ...ACME, members: [...ACME.members] });
  dora = destination.group('imported')?.members[0]?.userId ?? 0;
  Object.assign(process.env, {
    DESTINATION_GITLAB_URL: destination.url,
    ALLOW_PRIVATE_NETWORKS: 'true',
    IMPORTS_PER_MINUTE: '1000',
  });
  functions = await LocalFunctions.load();
});

/** What Step Functions has been asked to start. */
let started: string[];
function noteStart({ name }: { name: string }): object {
  started.push(name);
  return {};
}
beforeEach(() => {
  started = [];
  stepFunctions.reset();
  stepFunctions.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED' });
  stepFunctions.on(StartExecutionCommand).callsFake(noteStart);
  vi.spyOn(time, 'pause').mockResolvedValue(undefined);
});

/** An import that has finished, with an entity that has failed. */
async function endedImport() {
  const sourceId = source.group('acme')?.id ?? 0;
  const record = await storeImport(dora, { status: 'finished', sourceUrl: source.url, hasFailures: true });
  const entity = await storeEntity(record, { status: 'failed', sourceId, hasFailures: true });
  await storeFailure(entity, { key: 'entity#failed' });
  return { id: record.id, entityId: entity.id, record: await getImport(record.id) };
}

async function retry(id: number, body: Record<string, unknown> = {}, key?: string) {
  const configuration = { access_token: TOKENS.source };
  const answer = (await functions.invoke('api/retry-import', {
    headers: {
      'private-token': TOKENS.dora,
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    rawPath: `/api/v4/bulk_imports/${id}/retry`,
    rawQueryString: '',
    pathParameters: { import_id: String(id) },
    requestContext: { http: { method: 'POST' }, domainName: 'api.example', requestId: 'retry' },
    body: JSON.stringify({ configuration, ...body }),
  })) as APIGatewayProxyStructuredResultV2;
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') as unknown };
}

describe('a retry', () => {
  it('stores the tokens that came with it, lists the import as open, and starts another execution', async () => {
    const { id } = await endedImport();

    const { status, body } = await retry(id);

    expect([status, body]).toEqual([201, expect.objectContaining({ id, status: 'created', attempt: 2 })]);
    expect(started).toEqual([`import-${id}-2`]);
    const now = await getImport(id);
    expect(now).toMatchObject({ status: 'started', attempt: 2, retry: { scope: 'failed' } });
    const tokens = await getTokens(now);
    expect([tokens.source.expose(), tokens.destination.expose()]).toEqual([TOKENS.source, TOKENS.dora]);
    expect((await listOpenImports()).map(({ importId }) => importId)).toContain(id);
  });

  it('begins once when two come at once', async () => {
    const { id } = await endedImport();

    const answers = await Promise.all([retry(id), retry(id, { scope: 'all' })]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(started).toEqual([`import-${id}-2`]);
    expect(await getImport(id)).toMatchObject({ attempt: 2 });
  });

  it('waits a moment for the workflow of the attempt before, and no longer', async () => {
    const { id, record } = await endedImport();
    stepFunctions.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });

    const refused = await retry(id);

    expect(refused).toMatchObject({
      status: 409,
      body: {
        message: `Import ${id} has ended, and its workflow is still winding down. Try again in a few minutes.`,
      },
    });
    expect(await getImport(id)).toEqual(record);
    stepFunctions
      .on(DescribeExecutionCommand)
      .resolvesOnce({ status: 'RUNNING' })
      .resolves({ status: 'SUCCEEDED' });
    expect((await retry(id)).status).toBe(201);
  });

  it('leaves the import as it was when the workflow cannot be started, and can be sent again', async () => {
    const { id, entityId, record } = await endedImport();
    const entity = await getEntity(id, entityId);
    stepFunctions.on(StartExecutionCommand).rejectsOnce(new Error('no')).callsFake(noteStart);

    const { status, body } = await retry(id, {}, 'failing');

    expect([status, body]).toEqual([
      503,
      { message: 'The workflow could not be started. The import is as it was before; try again later.' },
    ]);
    const { status: now, hasFailures, failure } = await getImport(id);
    expect([now, hasFailures, failure]).toEqual([record.status, true, undefined]);
    expect(await getEntity(id, entityId)).toEqual(entity);
    expect(await hasTokens(id)).toBe(false);
    const again = await retry(id, {}, 'failing');
    expect([again.status, started]).toEqual([201, [`import-${id}-3`]]);
  });

  it('is the same attempt when it is sent again with its key', async () => {
    const { id } = await endedImport();

    const answers = [await retry(id, {}, 'same'), await retry(id, {}, 'same')];
    const other = await retry(id, { scope: 'all' }, 'same');

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(started).toEqual([`import-${id}-2`]);
    expect(other).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('Idempotency-Key') },
    });
  });

  it('is the same attempt also when both arrive at once', async () => {
    const { id } = await endedImport();

    const answers = await Promise.all([retry(id, {}, 'at-once'), retry(id, {}, 'at-once')]);

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(await getImport(id)).toMatchObject({ attempt: 2 });
  });

  it('is refused while it runs, and begins the next attempt when that has ended', async () => {
    const { id } = await endedImport();
    await retry(id);

    const { status, body } = await retry(id);

    expect([status, body]).toEqual([
      409,
      { message: `Import ${id} is running. Wait until it has ended, or cancel it.` },
    ]);
  });

  it('of entities that have not failed is nothing to be done', async () => {
    const { id, record } = await endedImport();
    const faultless = await storeEntity(record, { status: 'finished' });

    const { status } = await retry(id, { entity_ids: [faultless.id] });

    expect([status, started]).toEqual([200, []]);
    expect(await getImport(id)).toEqual(record);
  });
});
