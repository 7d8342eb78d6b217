import type { GitLabInstance } from '../instance.ts';
import { addMember, maximumAccessLevel, removeMember } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import { atMostMaintainer } from './archived-members.ts';

/**
 * Makes the importer the one direct member of a project, by the level in its group and as Maintainer at most. Nothing
 * changes where its first member is the importer and a Maintainer: by the id of the membership, as GitLab has it.
 */
export function ensureImporter(instance: GitLabInstance, project: SampleProject, importer: SampleUser): void {
  const [first] = [...project.members].sort((a, b) => a.id - b.id);
  if (first?.userId === importer.id && first.accessLevel >= ACCESS_LEVELS.maintainer) return;
  for (const member of [...project.members]) removeMember(project, member);
  addMember(instance, project, {
    userId: importer.id,
    accessLevel: atMostMaintainer(maximumAccessLevel(instance, importer, instance.groupOfProject(project))),
    expiresAt: null,
    createdById: null,
  });
}
