import { sizesOf } from '../api/project-sizes.ts';
import { ACCESS_LEVELS, type SampleGroup } from '../model.ts';
import { canUse, hasRole } from '../permissions.ts';
import type { FeatureAccess, SampleProject } from '../project-model.ts';
import { projectConnections } from './project-connections.ts';
import { type Viewer, withoutMilliseconds } from './viewer.ts';

/** A project that the viewer sees. Names are the schema's; functions take the arguments of their field. */
export function presentProject(
  viewer: Viewer,
  project: SampleProject,
  presentGroup: (group: SampleGroup) => object | null,
): object {
  const { instance, user } = viewer;
  const fullPath = instance.projectPath(project);
  const may = (level: 'reporter' | 'maintainer') =>
    user !== undefined && hasRole(instance, user, project, ACCESS_LEVELS[level]);
  const uses = (access: FeatureAccess) => user !== undefined && canUse(instance, user, project, access);
  return {
    id: `gid://gitlab/Project/${project.id}`,
    name: project.name,
    path: project.path,
    fullPath,
    description: project.description,
    visibility: project.visibility,
    archived: project.archived,
    createdAt: withoutMilliseconds(project.createdAt),
    importStatus: project.import.status,
    webUrl: `${instance.url}/${fullPath}`,
    issuesEnabled: uses(project.settings.issuesAccessLevel),
    mergeRequestsEnabled: uses(project.settings.mergeRequestsAccessLevel),
    snippetsEnabled: uses(project.settings.snippetsAccessLevel),
    group: () => presentGroup(instance.groupOfProject(project)),
    userPermissions: () => ({ adminProject: may('maintainer') }),
    repository: { empty: project.branches.length === 0, exists: true },
    statistics: () => (may('reporter') ? presentSizes(project) : null),
    ...projectConnections(viewer, project),
  };
}

function presentSizes(project: SampleProject): object {
  const sizes = sizesOf(project);
  return {
    commitCount: sizes.commit_count,
    storageSize: sizes.storage_size,
    repositorySize: sizes.repository_size,
    wikiSize: sizes.wiki_size,
    lfsObjectsSize: sizes.lfs_objects_size,
    buildArtifactsSize: sizes.job_artifacts_size,
    packagesSize: sizes.packages_size,
    snippetsSize: sizes.snippets_size,
    uploadsSize: sizes.uploads_size,
  };
}
