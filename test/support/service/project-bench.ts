import { keys } from '../../../lambdas/store/keys.ts';
import { updateItem } from '../../../lambdas/store/table-updates.ts';
import type { SampleGroup, SampleGroupSeed } from '../../../lib/gitlab-simulator/model.ts';
import type { SampleProject, SampleProjectSeed } from '../../../lib/gitlab-simulator/project-model.ts';
import type { Bench, Migration, MigrationOptions } from './pipeline-bench.ts';

/** The project that `addProjects` makes at both GitLabs. */
export const SHOP = { from: 'acme/shop', to: 'acme/shop' };

/** A project of a GitLab, and the group that it is in. */
interface Seeds {
  group?: Partial<SampleGroupSeed>;
  project?: Partial<SampleProjectSeed>;
}

/** The project `acme/shop` of both GitLabs: what the source has, and what the import of its archive has made of it. */
export function addProjects(
  { source, destination, addDestinationGroup }: Bench,
  here: Seeds = {},
  there: Seeds = {},
): { source: SampleProject; destination: SampleProject; group: SampleGroup } {
  const seedOf = ({ group, project }: Seeds) => ({
    name: 'Acme',
    path: 'acme',
    ...group,
    projects: [{ name: 'Shop', path: 'shop', ...project }],
  });
  source.addGroup(seedOf(here));
  const group = addDestinationGroup(seedOf(there));
  return {
    source: source.project(SHOP.from) as SampleProject,
    destination: destination.project(SHOP.to) as SampleProject,
    group,
  };
}

/** One project of an import, which GitLab has imported from its archive, ready for one pipeline. */
export async function projectMigration(
  bench: Bench,
  pipeline: string,
  { from = SHOP.from, to = SHOP.to, ...others }: Partial<MigrationOptions> = {},
): Promise<Migration> {
  const destinationNamespace = to.slice(0, to.lastIndexOf('/'));
  const migration = await bench.migration(pipeline, { from, destinationNamespace, ...others });
  await updateItem(keys.entity(migration.importId, migration.entityId), {
    set: {
      sourceType: 'project_entity',
      sourceId: bench.source.project(from)?.id ?? 0,
      projectId: bench.destination.project(to)?.id ?? 0,
      destinationFullPath: to,
    },
  });
  return migration;
}
