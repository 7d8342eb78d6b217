import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleUser } from '../model.ts';
import { canUse, hasRole } from '../permissions.ts';
import type { SampleIssue, SampleProject } from '../project-model.ts';

/** The issues that a user sees: confidential ones from Planner up or as their author, none where they are disabled. */
export function visibleIssues(
  instance: GitLabInstance,
  user: SampleUser,
  project: SampleProject,
): SampleIssue[] {
  if (!canUse(instance, user, project, project.settings.issuesAccessLevel)) return [];
  const seesAll = hasRole(instance, user, project, ACCESS_LEVELS.planner);
  return project.issues.filter(
    ({ confidential, authorId }) => seesAll || !confidential || authorId === user.id,
  );
}
