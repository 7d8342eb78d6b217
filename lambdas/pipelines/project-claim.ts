import { importTypeOf } from '../gitlab/api/project-imports.ts';
import { findProject, getProject, type Project } from '../gitlab/api/projects.ts';
import { takeMade } from '../store/path-claims.ts';
import { PathClaim } from './path-claim.ts';

/** By so much two clocks may differ that have been compared (`Date` has whole seconds, and was on the way). */
const TOLERANCE_MS = 60_000;
/** A run sends an archive for 15 minutes at most, and what it has sent takes effect within five. */
const SLOWEST_IMPORT_MS = 20 * 60_000;

/**
 * The claim of a project. One at the path is ours if it was imported from an archive by the importing user within the
 * time of our requests, and is no other entity's. In doubt it is somebody else's.
 */
export class ProjectClaim extends PathClaim<Project> {
  protected override readonly slowestRequestMs: number = SLOWEST_IMPORT_MS;

  protected override lookUp(fullPath: string): Promise<{ id: number } | undefined> {
    return findProject(this.context.destination, fullPath);
  }

  protected override async prove({ id }: { id: number }): Promise<Project | undefined> {
    const { bulkImport, destination, entity } = this.context;
    const { claimedAt, attemptedAt, userId } = entity;
    const project = await getProject(destination, id);
    const createdAt = Date.parse(project.created_at ?? '') - destination.clockAheadMs;
    const isOurs =
      project.creator_id === userId &&
      createdAt >= Date.parse(claimedAt ?? '') - TOLERANCE_MS &&
      createdAt <= Date.parse(attemptedAt ?? '') + SLOWEST_IMPORT_MS &&
      (await importTypeOf(destination, project)) === 'gitlab_project';
    if (!isOurs) return undefined;
    return (await takeMade(bulkImport.destinationUrl, { kind: 'project', id }, entity)) ? project : undefined;
  }

  /** Notes that the project is the entity's, before anything else is asked about it. */
  async settle({
    id,
    path_with_namespace: fullPath,
  }: Pick<Project, 'id' | 'path_with_namespace'>): Promise<void> {
    const { bulkImport, entity, noteOnEntity } = this.context;
    await takeMade(bulkImport.destinationUrl, { kind: 'project', id }, entity);
    noteOnEntity({
      projectId: id,
      destinationFullPath: fullPath,
      destinationCreatedAt: new Date().toISOString(),
    });
  }
}
