import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { EVIL_BODIES, type EvilResponse, MIB } from '../support/hostile/evil-responses.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const SCRIPT = fileURLToPath(new URL('../support/hostile/read-evil.ts', import.meta.url));
/** Half of a Lambda's 512 MB for what JavaScript keeps; beside it are bytes that were received, and Node itself. */
const HEAP_MB = 256;
const LAMBDA_MB = 512;
/** What of a response is read at most. */
const MOST_BYTES = 16 * MIB;

interface End {
  outcome: string;
  megabytes: number;
}

/** Each body in the way in which it is most: a page is asked for again, in smaller pages. */
const wayOf = ({ name }: EvilResponse) => (/GraphQL/.test(name) ? 'graphql' : 'record');
const WHOLE_PAGES = ['empty objects', 'one text', 'records of which each has a large title'];
const READS: [string, EvilResponse][] = EVIL_BODIES.flatMap(evil => [
  [wayOf(evil), evil],
  ...(WHOLE_PAGES.includes(evil.name) ? [['page', evil] satisfies [string, EvilResponse]] : []),
]);

let ends: End[];

describe('in a process with 256 MB of heap', () => {
  // One after the other, by one process: what is left of one would be missed by the next.
  beforeAll(async () => {
    const made = new Map<EvilResponse, Buffer>();
    const urls: string[] = [];
    for (const [way, evil] of READS) {
      const respond = { headers: { 'content-type': 'application/json', ...evil.headers } };
      const server = await startHttpServer(response => {
        const body = made.get(evil) ?? evil.body(MOST_BYTES - 64);
        made.clear();
        made.set(evil, body);
        response.writeHead(200, respond.headers);
        response.end(body);
      });
      urls.push(way, server.url);
    }
    const options = [`--max-old-space-size=${HEAP_MB}`, SCRIPT, ...urls];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    ends = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as End);
  }, 120_000);

  it.each(READS.map(([way, { name }], index) => [way, name, index] as const))(
    'a %s of 16 MiB of %s takes less than a Lambda has, and ends in a few words',
    (_way, _name, index) => {
      expect(ends[index]?.megabytes).toBeLessThan(LAMBDA_MB);
      expect(ends[index]?.outcome).toMatch(/^(ok|BulkImports::\w+: .{1,255})$/);
    },
  );
});
