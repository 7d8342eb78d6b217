import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { HttpServer, SeenRequest } from './http-server.ts';

export type { HttpServer } from './http-server.ts';

export interface ListOptions {
  /** Which paging headers are left: GitLab's own (`x`) and `Link` (`link`). All, unless given. */
  headers?: string[];
  /** Headers on each response, in place of the same ones. */
  add?: Record<string, string>;
  /** The one page that is served, whichever is asked for. */
  onlyPage?: number;
}

/** Starts a server on loopback with one list, paged as GitLab pages, also behind proxies that are not kind to it. */
export async function startListServer(
  records: readonly unknown[],
  { headers: kept = ['x', 'link'], add = {}, onlyPage }: ListOptions = {},
): Promise<HttpServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    const { searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    const perPage = Number(searchParams.get('per_page'));
    const page = Number(searchParams.get('page'));
    const next = page * perPage < records.length || onlyPage !== undefined ? page + 1 : undefined;
    const start = ((onlyPage ?? page) - 1) * perPage;
    const link = `<https://gitlab.example/api/v4/labels?page=1>; rel="first"${next === undefined ? '' : `, <https://gitlab.example/api/v4/labels?per_page=${perPage}&page=${next}>; rel="next"`}`;
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(kept.includes('x') && { 'x-next-page': String(next ?? ''), 'x-total': String(records.length) }),
      ...(kept.includes('link') && { link }),
      ...add,
    });
    response.end(JSON.stringify(records.slice(start, start + perPage)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
