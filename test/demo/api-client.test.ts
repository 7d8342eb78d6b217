import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { BulkImportsClient, ServiceError } from '../../lib/demo/api-client.ts';
import { entityAnswer } from './entity-answers.ts';

const cleanups: (() => void)[] = [];

async function clientOf(
  answer: (request: IncomingMessage) => { status?: number; next?: string; body: unknown },
) {
  const server = createServer((request, response) => {
    const { status = 200, next = '', body } = answer(request);
    response.writeHead(status, { 'x-next-page': next }).end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return new BulkImportsClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'sample-token');
}

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

it('reads the entities of all pages', async () => {
  const urls: string[] = [];
  const client = await clientOf(({ url = '', headers }) => {
    urls.push(`${url} ${headers['private-token']}`);
    const isLast = url.endsWith('page=2');
    return { next: isLast ? '' : '2', body: [entityAnswer(isLast ? 'acme/design' : 'acme', 'created')] };
  });

  const entities = await client.listEntities(7);

  expect(entities.map(entity => entity.source_full_path)).toEqual(['acme', 'acme/design']);
  expect(urls).toEqual([
    '/api/v4/bulk_imports/7/entities?per_page=100&page=1 sample-token',
    '/api/v4/bulk_imports/7/entities?per_page=100&page=2 sample-token',
  ]);
});

it("reports an error in the service's own words", async () => {
  const client = await clientOf(() => ({ status: 422, body: { message: 'Invalid source URL.' } }));

  await expect(client.createImport('{}')).rejects.toThrow(
    new ServiceError('The service answered 422: {"message":"Invalid source URL."}'),
  );
});
