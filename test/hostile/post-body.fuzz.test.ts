import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { bulkImportSchema, entitySchema } from '../../lambdas/api/answers/record-schemas.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { ACME, startDestination, startSource } from '../support/service/service.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { storeImport } from '../support/table/stored-records.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';
import { type AnyRequest, anyBody, parameters, retryParameters } from './arbitrary-bodies.ts';

/**
 * The seed is chosen once, so that a run tells of a change and not of luck; a slow machine tries fewer of the same
 * bodies. `FUZZ_SEED` and `FUZZ_RUNS` look further, as long as it takes.
 */
const { FUZZ_SEED = '20240517', FUZZ_RUNS } = process.env;
const OPTIONS: fc.Parameters<unknown> = {
  seed: Number(FUZZ_SEED),
  numRuns: Number(FUZZ_RUNS ?? 300),
  ...(FUZZ_RUNS === undefined && { interruptAfterTimeLimit: 2_500 }),
};
const TIMEOUT_MS = FUZZ_RUNS === undefined ? 20_000 : 3_600_000;

useWorkflowTable();

let functions: LocalFunctions;
let sourceUrl = '';
let importer = 0;
beforeAll(async () => {
  const [source, destination] = await Promise.all([startSource(), startDestination()]);
  source.addGroup({ ...ACME, members: [...ACME.members] });
  sourceUrl = source.url;
  importer = destination.group('imported')?.members[0]?.userId ?? 0;
  Object.assign(process.env, {
    DESTINATION_GITLAB_URL: destination.url,
    ALLOW_PRIVATE_NETWORKS: 'true',
    IMPORTS_PER_MINUTE: '1000000',
  });
  // The workflow does not run: nothing is made at the destination, so that every path stays free.
  const workflow = mockedClient(SFNClient);
  workflow.on(StartExecutionCommand).resolves({ executionArn: 'arn:execution', startDate: new Date() });
  functions = await LocalFunctions.load();
});

afterAll(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
});

interface Answer {
  status: number;
  body: unknown;
}

async function call(name: string, event: object): Promise<Answer> {
  const answer = (await functions.invoke(`api/${name}`, event)) as APIGatewayProxyStructuredResultV2;
  return { status: answer.statusCode ?? 0, body: JSON.parse(answer.body ?? 'null') };
}

function eventOf(method: 'GET' | 'POST', more: object, contentType?: string) {
  return {
    headers: {
      'private-token': TOKENS.dora,
      ...(contentType !== undefined && { 'content-type': contentType }),
    },
    rawPath: '/api/v4/bulk_imports',
    rawQueryString: '',
    requestContext: { http: { method }, domainName: 'api.example', requestId: 'fuzz' },
    ...more,
  };
}

function post({ contentType, body }: AnyRequest, handler = 'create-import'): Promise<Answer> {
  return call(
    handler,
    eventOf('POST', { body: body.toString('base64'), isBase64Encoded: true }, contentType),
  );
}

/** The import that a 201 speaks of, read back through the API. */
async function readBack(answer: Answer) {
  const { id } = bulkImportSchema.parse(answer.body);
  const pathParameters = { import_id: String(id) };
  const record = await call('get-import', eventOf('GET', { pathParameters }));
  const entities = await call('list-entities', eventOf('GET', { pathParameters }));
  return { record, entities: z.array(entitySchema).parse(entities.body) };
}

const FALSE = [false, 0, '0', 'f', 'false', 'off', 'no'];
const flagOf = (value: unknown) =>
  !FALSE.includes(typeof value === 'string' ? value.toLowerCase() : (value as never));

/** How an entity of the request must look when it is read. */
function expected(entity: Record<string, unknown>) {
  return {
    entity_type: entity.source_type === 'group_entity' ? 'group' : 'project',
    source_full_path: String(entity.source_full_path),
    destination_slug: String(entity.destination_slug ?? entity.destination_name),
    destination_namespace: String(entity.destination_namespace).trim(),
    migrate_projects: flagOf(entity.migrate_projects),
    migrate_memberships: flagOf(entity.migrate_memberships),
    failures: [],
  };
}

const isSome = (count: number) => count > 0;

const isRefusal = ({ status, body }: Answer) => {
  const problem = body as { error?: unknown; message?: unknown };
  return status >= 400 && status < 500 && (problem.error ?? problem.message) !== undefined;
};

it(
  'parameters are refused with a 4xx, or become an import whose entities are those of the request',
  async () => {
    const counts = { accepted: 0, refused: 0 };

    await fc.assert(
      fc.asyncProperty(
        fc.constant(0).chain(() => parameters(sourceUrl, TOKENS.source)),
        async wanted => {
          const text = JSON.stringify(wanted);
          const answer = await post({ contentType: 'application/json', body: Buffer.from(text) });
          if (answer.status !== 201) {
            counts.refused += 1;
            expect(answer).toSatisfy(isRefusal);
            return;
          }
          counts.accepted += 1;
          const { record, entities } = await readBack(answer);
          const asked = (JSON.parse(text) as { entities: Record<string, unknown>[] }).entities;
          // It has begun since it was written.
          const begun = { status: 'started', updated_at: expect.any(String) };
          expect(record).toEqual({ status: 200, body: { ...(answer.body as object), ...begun } });
          expect(entities).toMatchObject(asked.map(expected));
        },
      ),
      OPTIONS as fc.Parameters<[Record<string, unknown>]>,
    );

    expect(counts).toEqual({ accepted: expect.toSatisfy(isSome), refused: expect.toSatisfy(isSome) });
  },
  TIMEOUT_MS,
);

it(
  'parameters of a retry are refused with a 4xx, or find that nothing is to be done, or begin it',
  async () => {
    const { id } = await storeImport(importer, { status: 'finished', sourceUrl });
    const pathParameters = { import_id: String(id) };

    await fc.assert(
      fc.asyncProperty(retryParameters(sourceUrl, TOKENS.source), async wanted => {
        const body = Buffer.from(JSON.stringify(wanted)).toString('base64');
        const event = eventOf('POST', { pathParameters, body, isBase64Encoded: true }, 'application/json');
        const answer = await call('retry-import', event);
        if (answer.status !== 200) expect(answer).toSatisfy(isRefusal);
        else expect(answer.body).toMatchObject({ id, status: 'finished', attempt: 1 });
      }),
      OPTIONS as fc.Parameters<[Record<string, unknown>]>,
    );
  },
  TIMEOUT_MS,
);

it(
  'bodies of any bytes and any content type are refused with a 4xx',
  async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async request => {
        expect(await post(request)).toSatisfy(isRefusal);
      }),
      OPTIONS as fc.Parameters<[AnyRequest]>,
    );
  },
  TIMEOUT_MS,
);

it(
  'a plan takes what an import takes, or refuses it with a 4xx, as a verification does',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anyBody,
          fc
            .constant(0)
            .chain(() => parameters(sourceUrl, TOKENS.source))
            .map(wanted => ({
              contentType: 'application/json',
              body: Buffer.from(JSON.stringify(wanted)),
            })),
        ),
        async request => {
          const answer = await post(request, 'create-plan');

          expect(answer).toSatisfy(({ status }: Answer) => status === 201 || isRefusal(answer));
          expect(await post(request, 'verify-import')).toSatisfy(isRefusal);
        },
      ),
      OPTIONS as fc.Parameters<[AnyRequest]>,
    );
  },
  TIMEOUT_MS,
);
