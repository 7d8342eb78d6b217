import type { GitLabInstance } from '../instance.ts';
import { groupsAbove } from '../memberships.ts';
import type { SampleUser } from '../model.ts';
import type { ImportableRelation, SampleProject } from '../project-model.ts';
import type { ArchiveContents } from './archive-reader.ts';
import { addArchivedMembers } from './archived-members.ts';
import { fillAttributes } from './filled-attributes.ts';
import { planningOf } from './filled-planning.ts';
import { ensureImporter } from './importer.ts';
import { withoutFailed } from './left-out.ts';

/**
 * Brings the records of one relation whose `iid` is not there. Beside them GitLab does more, of which its documentation is
 * silent: the members of the project are all removed unless the importer is the first of them, those of the archive are
 * added for an administrator, and older versions take the attributes of the project from the archive.
 */
export function fillRelation(
  instance: GitLabInstance,
  project: SampleProject,
  relation: ImportableRelation,
  contents: ArchiveContents,
  importer: SampleUser,
): void {
  // What fails is written down under the request that has brought it, and is shown by no endpoint.
  const { relations } = withoutFailed(instance, contents.relations);
  if (instance.archives.behaviour.relationImportsSetAttributes) {
    fillAttributes(instance, project, contents.project, { settings: {} });
  }
  ensureImporter(instance, project, importer);
  const users = addArchivedMembers(instance, project, relations.project_members ?? [], importer);
  const planning = planningOf(instance, project, {
    above: groupsAbove(instance, project),
    authorOf: id => users.get(id) ?? importer.id,
  });
  switch (relation) {
    case 'issues':
      project.issues.push(...missing(relations.issues, project.issues).map(planning.issue));
      return;
    case 'merge_requests':
      project.mergeRequests.push(
        ...missing(relations.merge_requests, project.mergeRequests).map(planning.mergeRequest),
      );
      return;
    case 'milestones':
      for (const archived of missing(relations.milestones, project.milestones)) {
        planning.milestone({ ...archived, of_group: false });
      }
      return;
    case 'ci_pipelines':
      project.pipelines.push(
        ...missing(relations.ci_pipelines, project.pipelines).map(at => ({ ...at, id: instance.nextId() })),
      );
  }
}

function missing<T extends { readonly iid: number }>(
  archived: readonly T[] | undefined,
  here: readonly { readonly iid: number }[],
): T[] {
  const iids = new Set(here.map(({ iid }) => iid));
  return (archived ?? []).filter(({ iid }) => !iids.has(iid));
}
