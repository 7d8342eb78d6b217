import { findLoads } from '../store/gitlab-loads.ts';
import { getImports, type Import } from '../store/imports.ts';
import type { PaceSources } from './pace.ts';

/** What tells the pace of these imports, beside their groups and projects: two reads for all of them. */
export async function readPaceSources(
  records: readonly Import[],
): Promise<(record: Import) => Omit<PaceSources, 'now'>> {
  const planIds = [...new Set(records.flatMap(({ planId }) => planId ?? []))];
  const urls = [...new Set(records.flatMap(({ sourceUrl, destinationUrl }) => [sourceUrl, destinationUrl]))];
  const [plans, loads] = await Promise.all([
    planIds.length === 0 ? [] : getImports(planIds),
    urls.length === 0 ? [] : findLoads(urls),
  ]);
  const loadOf = (url: string) => loads[urls.indexOf(url)];
  return ({ planId, sourceUrl, destinationUrl }) => ({
    plan: plans.find(({ id }) => id === planId),
    loads: { source: loadOf(sourceUrl), destination: loadOf(destinationUrl) },
  });
}
