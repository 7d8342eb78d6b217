import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { answerProgress } from '../../../lib/local/progress-server.ts';

/** Serves the local page, and nothing else of the service, from the table of the test file. */
export function useProgressServer(): () => string {
  let server: Server;

  beforeAll(async () => {
    process.env.DESTINATION_GITLAB_URL = 'https://gitlab.example.com';
    server = createServer(async (request, response) => {
      if (!(await answerProgress(request, response))) response.writeHead(404).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  return () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
