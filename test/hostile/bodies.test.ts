import { beforeAll, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service/service.ts';
import { HOSTILE_BODIES, SOURCE_URL } from './bodies.ts';

/**
 * Far more than any takes, in time of the CPU, which does not grow with what else the machine does. Service, client and
 * GitLabs are this process.
 */
const LONGEST_REFUSAL_MS = 1_000;
/** A request that is accepted is checked against both GitLabs, while the imports before it still run. */
const LONGEST_ACCEPTANCE_MS = 5_000;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

it.each(HOSTILE_BODIES)(
  'a POST of %s is answered in time and as it should',
  async (_, type, text, expected) => {
    const body = text.replaceAll(SOURCE_URL, service.source.url);
    const began = process.cpuUsage();

    const answer = await service.api.call('POST', '/bulk_imports', {
      body,
      headers: { 'content-type': type },
    });
    const { user, system } = process.cpuUsage(began);
    const took = (user + system) / 1_000;

    expect([answer.status, answer.body]).toEqual([expected, expect.any(Object)]);
    expect(took).toBeLessThan(expected === 201 ? LONGEST_ACCEPTANCE_MS : LONGEST_REFUSAL_MS);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  },
);
