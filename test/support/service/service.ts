import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { SampleGitLab, type SampleGitLabOptions } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { LocalTable } from '../../../lib/local/local-table.ts';
import { LocalService, type LocalServiceOptions } from '../../../lib/local/service.ts';
import { type Interceptor, standInForTable, type TableInMemory } from '../table/table-in-memory.ts';
import { afterEveryFile } from '../test-run/hooks.ts';
import { ApiClient, TOKENS } from './bulk-imports-client.ts';

export interface TestService {
  source: SampleGitLab;
  destination: SampleGitLab;
  local: LocalService;
  dataDir: string;
  api: ApiClient;
  /** Its table, unless that is on disk. */
  table?: TableInMemory;
}

const cleanUps: (() => Promise<unknown>)[] = [];
afterEveryFile(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Makes an empty folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gitlab-bulk-imports-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Starts a source with an owner, a reporter and an empty group `acme`. */
export async function startSource(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const source = await new SampleGitLab(options).start();
  cleanUps.push(() => source.stop());
  source.addUser({ username: 'sofia', name: 'Sofia Source' });
  source.addUser({ username: 'rita', name: 'Rita Reporter' });
  source.addToken(TOKENS.source, { username: 'sofia' });
  source.addToken(TOKENS.sourceReporter, { username: 'rita' });
  source.addToken(TOKENS.sourceReadApi, { username: 'sofia', scopes: ['read_api'] });
  return source;
}

/** Starts a destination with four users and the group `imported`, which dora owns. */
export async function startDestination(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const destination = await new SampleGitLab(options).start();
  cleanUps.push(() => destination.stop());
  destination.addUser({ username: 'dora', name: 'Dora Destination' });
  destination.addUser({ username: 'otto', name: 'Otto Other' });
  destination.addUser({ username: 'nina', name: 'Nina Nobody', canCreateGroup: false });
  destination.addUser({ username: 'admin', name: 'Ada Admin', admin: true });
  for (const username of ['dora', 'otto', 'nina', 'admin'] as const) {
    destination.addToken(TOKENS[username], { username });
  }
  destination.addToken(TOKENS.doraReadApi, { username: 'dora', scopes: ['read_api'] });
  destination.addGroup({
    name: 'Imported',
    path: 'imported',
    visibility: 'public',
    members: [
      { username: 'dora', accessLevel: 50 },
      { username: 'otto', accessLevel: 30 },
    ],
  });
  return destination;
}

/** The group `acme` of the source, without anything in it. */
export const ACME = {
  name: 'Acme',
  path: 'acme',
  members: [
    { username: 'sofia', accessLevel: 50 },
    { username: 'rita', accessLevel: 20 },
  ],
} as const;

export interface TestServiceOptions extends Partial<LocalServiceOptions> {
  withoutAcme?: boolean;
  /**
   * With a table as `npm start` has it, dynalite in files, which takes half of the CPU time of an import. Otherwise it
   * is in memory.
   */
  tableOnDisk?: boolean;
  /** Stands between the service and the table in memory. */
  interceptor?: Interceptor;
}

/**
 * Starts both GitLabs and the service between them; everything stops after the tests of the file. One per file: the
 * handlers read the environment of the process.
 */
export async function startService(options: TestServiceOptions = {}): Promise<TestService> {
  const { withoutAcme, tableOnDisk, interceptor, ...serviceOptions } = options;
  const table = tableOnDisk ? undefined : keepTableInMemory(interceptor);
  const [source, destination, dataDir] = await Promise.all([
    startSource(),
    startDestination(),
    temporaryFolder(),
  ]);
  if (!withoutAcme) source.addGroup({ ...ACME, members: [...ACME.members] });
  const local = await LocalService.start({
    destinationUrl: destination.url,
    port: 0,
    dataDir,
    allowPrivateNetworks: true,
    importsPerMinute: 1_000,
    ...serviceOptions,
  });
  cleanUps.push(() => local.stop());
  const api = new ApiClient(local.url, source.url);
  return { source, destination, local, dataDir, api, ...(table !== undefined && { table }) };
}

/** Lets the service that is started next have a table in memory in the place of its own. */
function keepTableInMemory(interceptor?: Interceptor): TableInMemory {
  const { table, restore } = standInForTable(interceptor);
  const stood: Pick<LocalTable, 'isBlocked' | 'close'> = {
    isBlocked: false,
    close: async () => undefined,
  };
  const open = vi.spyOn(LocalTable, 'open').mockResolvedValue(stood as LocalTable);
  cleanUps.push(async () => {
    open.mockRestore();
    restore();
  });
  return table;
}
