import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import { canUse } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';

/** Who may use each feature, by GitLab's names, and the old fields that say whether the current user may. */
export function featureFields(instance: GitLabInstance, user: SampleUser, project: SampleProject) {
  const { settings } = project;
  const may = (access: Parameters<typeof canUse>[3]) => canUse(instance, user, project, access);
  return {
    issues_enabled: may(settings.issuesAccessLevel),
    merge_requests_enabled: may(settings.mergeRequestsAccessLevel),
    wiki_enabled: may(settings.wikiAccessLevel),
    jobs_enabled: may(settings.buildsAccessLevel),
    snippets_enabled: may(settings.snippetsAccessLevel),
    issues_access_level: settings.issuesAccessLevel,
    repository_access_level: settings.repositoryAccessLevel,
    merge_requests_access_level: settings.mergeRequestsAccessLevel,
    forking_access_level: settings.forkingAccessLevel,
    wiki_access_level: settings.wikiAccessLevel,
    builds_access_level: settings.buildsAccessLevel,
    snippets_access_level: settings.snippetsAccessLevel,
    pages_access_level: 'private',
    analytics_access_level: 'enabled',
    container_registry_access_level: 'enabled',
  };
}
