import { isTerminal } from '../../lambdas/domain/statuses.ts';
import { getImports, type Import } from '../../lambdas/store/imports.ts';
import { listOpenImports } from '../../lambdas/store/open-imports.ts';
import { attemptOf } from '../../lambdas/workflow/execution.ts';
import { StartError } from './start-error.ts';

/** What a start finds of earlier ones. */
export interface Found {
  /** Imports of this destination that have not ended, and those of others. */
  open: Import[];
  /** For whoever has started the service: imports that go on, and those that are paused. */
  sentences: string[];
}

/** DynamoDB's limit for one BatchGetItem; the newest are those that an old copy of the table does not have. */
const LOOKED_AT = 100;

/** The newest import that has an execution and is not in the table; `undefined` when they fit together. */
export async function importWithoutRecord(executions: string[]): Promise<number | undefined> {
  const ids = executions.flatMap(name => attemptOf(name)?.id ?? []);
  const newest = ids.sort((a, b) => b - a).slice(0, LOOKED_AT);
  const known = new Set((await readable(getImports(newest))).map(({ id }) => id));
  return newest.find(id => !known.has(id));
}

/** Looks for imports that have not ended. Those of another destination than this one are paused. */
export async function foundImports(destinationUrl: string): Promise<Found> {
  const listed = await listOpenImports();
  const records = await readable(getImports(listed.map(({ importId }) => importId)));
  const open = records.filter(({ status }) => !isTerminal(status));
  const counts = new Map<string, number>();
  for (const record of open) counts.set(record.destinationUrl, (counts.get(record.destinationUrl) ?? 0) + 1);
  const sentences = [...counts].map(([url, count]) => {
    if (url === destinationUrl) return count === 1 ? '1 import goes on.' : `${count} imports go on.`;
    const [imports, are, they] = count === 1 ? ['import', 'is', 'it goes'] : ['imports', 'are', 'they go'];
    return `${count} ${imports} to ${url} ${are} paused: ${they} on when the service is started with DESTINATION_GITLAB_URL=${url} again, and after 24 hours of service without that ${count === 1 ? 'it is' : 'they are'} closed.`;
  });
  return { open, sentences };
}

function readable<T>(reading: Promise<T>): Promise<T> {
  return reading.catch((error: Error) => {
    if (error.name !== '$ZodError') throw error;
    throw new StartError(
      'The table in DATA_DIR was made by another version of this service, and cannot be read. Choose another DATA_DIR, or start the version that made it until its imports have ended.',
    );
  });
}
