import type { GitLabInstance } from '../instance.ts';
import { groupsAbove } from '../memberships.ts';
import type { SampleUser, Visibility } from '../model.ts';
import { loweredVisibility } from '../project-errors.ts';
import type { FeatureAccess, SampleProject } from '../project-model.ts';
import type { ArchiveContents } from './archive-reader.ts';
import { FEATURE_LEVELS, type ProjectJson, VISIBILITY_LEVELS } from './archive-records.ts';
import { addArchivedMembers } from './archived-members.ts';
import { fillPlanning } from './filled-planning.ts';
import { withoutFailed } from './left-out.ts';
import type { ImportOverrides } from './project-archives.ts';

const PICTURE_TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', gif: 'image/gif' };

/** Fills a project with what an archive says, under ids of this instance. */
export function fillProject(
  instance: GitLabInstance,
  project: SampleProject,
  contents: ArchiveContents,
  { importer, overrides }: { readonly importer: SampleUser; readonly overrides: ImportOverrides },
): void {
  const { relations, failed } = withoutFailed(instance, contents.relations);
  project.import.failedRelations.unshift(...failed);
  fillAttributes(instance, project, contents.project, overrides);
  const users = addArchivedMembers(instance, project, relations.project_members ?? [], importer);
  fillPlanning(instance, project, relations, {
    above: groupsAbove(instance, project),
    authorOf: id => users.get(id) ?? importer.id,
  });
  project.releases = (relations.releases ?? []).map(release => ({ ...release }));
  project.pipelines = (relations.ci_pipelines ?? []).map(at => ({ ...at, id: instance.nextId() }));
  project.snippets = (relations.snippets ?? []).map(({ title, file_name: fileName, content }) => ({
    id: instance.nextId(),
    title,
    fileName,
    content,
  }));
  project.protectedBranches = (relations.protected_branches ?? []).map(({ name }) => name);
  project.protectedTags = (relations.protected_tags ?? []).map(({ name }) => name);
  project.branches = [...contents.refs.branches];
  project.tags = [...contents.refs.tags];
  project.defaultBranch = contents.refs.head;
  project.wikiPages = contents.wikiPages;
  project.lfsObjects = contents.lfsObjects;
  project.uploads = contents.uploads;
  project.avatar = pictureOf(contents.avatar);
}

/** What the request of the import says wins over the archive; neither goes above what the group allows. */
function fillAttributes(
  instance: GitLabInstance,
  project: SampleProject,
  json: ProjectJson,
  { settings, description, visibility }: ImportOverrides,
): void {
  const group = instance.groupOfProject(project);
  project.description = description ?? json.description;
  project.visibility = loweredVisibility(instance, group, visibility ?? visibilityOf(json.visibility_level));
  project.archived = json.archived;
  const { project_feature: feature } = json;
  Object.assign(project.settings, {
    sharedRunnersEnabled: json.shared_runners_enabled,
    buildTimeout: json.build_timeout,
    autoCancelPendingPipelines: json.auto_cancel_pending_pipelines,
    ciConfigPath: json.ci_config_path,
    squashOption: json.project_setting.squash_option,
    issuesAccessLevel: accessOf(feature.issues_access_level),
    repositoryAccessLevel: accessOf(feature.repository_access_level),
    mergeRequestsAccessLevel: accessOf(feature.merge_requests_access_level),
    wikiAccessLevel: accessOf(feature.wiki_access_level),
    buildsAccessLevel: accessOf(feature.builds_access_level),
    snippetsAccessLevel: accessOf(feature.snippets_access_level),
    ...settings,
  });
}

function visibilityOf(level: number): Visibility {
  return (
    (Object.keys(VISIBILITY_LEVELS) as Visibility[]).find(at => VISIBILITY_LEVELS[at] === level) ?? 'private'
  );
}

function accessOf(level: number): FeatureAccess {
  return (
    (Object.keys(FEATURE_LEVELS) as FeatureAccess[]).find(at => FEATURE_LEVELS[at] === level) ?? 'enabled'
  );
}

function pictureOf(avatar: ArchiveContents['avatar']): SampleProject['avatar'] {
  if (!avatar) return undefined;
  const ending = avatar.path.split('.').at(-1) ?? '';
  return {
    filename: avatar.path,
    contentType: PICTURE_TYPES[ending] ?? 'image/png',
    bytes: avatar.bytes,
  };
}
