import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { forgetTokens } from '../../../lambdas/api/request/token-checks.ts';
import { time } from '../../../lambdas/platform/time.ts';
import type { SampleGitLab } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { ApiServer } from '../../../lib/local/api-server.ts';
import { LocalFunctions } from '../../../lib/local/functions.ts';
import { WorkflowEngine } from '../../../lib/local/workflow-engine.ts';
import { standInForTable } from '../table/table-in-memory.ts';
import { afterEveryFile } from '../test-run/hooks.ts';
import { ApiClient } from './bulk-imports-client.ts';
import { temporaryFolder } from './service.ts';
import {
  ExecutionsInMemory,
  setServiceEnvironment,
  standInForStepFunctions,
} from './state-machine-in-memory.ts';

const cleanUps: (() => unknown)[] = [];
afterEveryFile(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** The whole service in this process, with a table in memory and waits that take no time. One per test file. */
export interface ServiceInMemory {
  /** A client of the service that moves from one GitLab to the other. The next call changes the destination. */
  between(source: SampleGitLab, destination: SampleGitLab): ApiClient;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
  /** Called when the workflow has waited, before it goes on. */
  afterWait: (() => Promise<void>) | undefined;
}

/** Starts it until the tests of the file are over. The clock of the process moves on by what is waited. */
export async function startServiceInMemory(): Promise<ServiceInMemory> {
  const keyFile = join(await temporaryFolder(), 'token.key');
  await writeFile(keyFile, randomBytes(32));
  setServiceEnvironment(keyFile, { ARCHIVES_FOLDER: await temporaryFolder() });
  const { restore } = standInForTable();
  vi.useFakeTimers({ toFake: ['Date'] });
  const passes = async (ms: number) => void vi.setSystemTime(Date.now() + ms);
  const pause = vi.spyOn(time, 'pause').mockImplementation(passes);
  const functions = await LocalFunctions.load();
  let requests = 0;
  const service: ServiceInMemory = {
    afterWait: undefined,
    pass: passes,
    between(source, destination) {
      process.env.DESTINATION_GITLAB_URL = destination.url;
      // Tokens have the same names at every destination.
      forgetTokens();
      return new ApiClient(`http://127.0.0.1:${api.port}`, source.url);
    },
  };
  const engine = new WorkflowEngine(
    new ExecutionsInMemory(),
    {
      async invoke(name, event) {
        const result = await functions.invoke(name, event);
        const { waitSeconds = 0 } = (result ?? {}) as { waitSeconds?: number };
        if (waitSeconds === 0) return result;
        // A request of a caller has seconds, and must not find that minutes have passed in its middle.
        do await new Promise(setImmediate);
        while (requests > 0);
        await passes(1000 * waitSeconds);
        await service.afterWait?.();
        return result;
      },
    },
    { withoutWaits: true },
  );
  const restoreClients = standInForStepFunctions(() => engine);
  const answering: Pick<LocalFunctions, 'invoke'> = {
    async invoke(name, event) {
      requests += 1;
      return functions.invoke(name, event).finally(() => {
        requests -= 1;
      });
    },
  };
  const api = await ApiServer.start(answering, 0);
  cleanUps.push(
    restore,
    () => vi.useRealTimers(),
    () => pause.mockRestore(),
  );
  cleanUps.push(
    restoreClients,
    () => engine.halt(),
    () => api.stop(),
  );
  return service;
}
