import type { GitLabInstance } from '../instance.ts';
import { groupsAbove } from '../memberships.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import type { ArchiveContents } from './archive-reader.ts';
import { addArchivedMembers } from './archived-members.ts';
import { fillAttributes } from './filled-attributes.ts';
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

function pictureOf(avatar: ArchiveContents['avatar']): SampleProject['avatar'] {
  if (!avatar) return undefined;
  const ending = avatar.path.split('.').at(-1) ?? '';
  return {
    filename: avatar.path,
    contentType: PICTURE_TYPES[ending] ?? 'image/png',
    bytes: avatar.bytes,
  };
}
