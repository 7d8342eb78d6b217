import { isTerminal } from '../../lambdas/shared/statuses.ts';
import { getImports } from '../../lambdas/store/imports.ts';
import { listOpenImports } from '../../lambdas/store/open-imports.ts';
import { SettingsError } from './settings.ts';

/**
 * What a start finds of earlier ones, in sentences for whoever has started the service: imports that go on, and those
 * that are paused because they belong to another destination.
 */
export async function foundImports(destinationUrl: string): Promise<string[]> {
  const open = await listOpenImports();
  const records = await getImports(open.map(({ importId }) => importId)).catch((error: Error) => {
    if (error.name !== '$ZodError') throw error;
    throw new SettingsError(
      'The table in DATA_DIR was made by another version of this service, and cannot be read. Choose another DATA_DIR, or start the version that made it until its imports have ended.',
    );
  });
  const counts = new Map<string, number>();
  for (const record of records) {
    if (isTerminal(record.status)) continue;
    counts.set(record.destinationUrl, (counts.get(record.destinationUrl) ?? 0) + 1);
  }
  return [...counts].map(([url, count]) => {
    if (url === destinationUrl) return count === 1 ? '1 import goes on.' : `${count} imports go on.`;
    const [imports, are, they] = count === 1 ? ['import', 'is', 'it goes'] : ['imports', 'are', 'they go'];
    return `${count} ${imports} to ${url} ${are} paused: ${they} on when the service is started with DESTINATION_GITLAB_URL=${url} again, and after 24 hours of service without that ${count === 1 ? 'it is' : 'they are'} closed.`;
  });
}
