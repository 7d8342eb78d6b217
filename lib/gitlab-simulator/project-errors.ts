import { MAXIMUM_LENGTH, NAME, PATH } from './group-creation.ts';
import type { GitLabInstance } from './instance.ts';
import type { SampleGroup, Visibility } from './model.ts';
import type { SampleProject } from './project-model.ts';
import { ValidationErrors } from './validation-errors.ts';
import { isAbove } from './visibility.ts';

const PATH_ENDING = /(\.git|\.atom)$/;
/** Since then a project has a namespace of its own, whose errors come first. The version is chosen. */
const PROJECT_NAMESPACES_SINCE = '16.0';

export interface ProjectCandidate {
  readonly name: string;
  readonly path: string;
  readonly visibility: Visibility;
}

/** What GitLab's model finds wrong with a new project of a group, or with the changed `existing` one. */
export function projectErrors(
  instance: GitLabInstance,
  group: SampleGroup,
  { name, path, visibility }: ProjectCandidate,
  existing?: SampleProject,
): ValidationErrors {
  const errors = new ValidationErrors();
  const sameName = instance.projectByName(group, name);
  if (sameName && sameName !== existing) {
    if (instance.versionAtLeast(PROJECT_NAMESPACES_SINCE)) {
      errors.add('project_namespace.name', 'has already been taken');
    }
    errors.add('name', 'has already been taken');
  }
  if (name.trim() === '') errors.add('name', "can't be blank");
  else if (!NAME.test(name)) {
    errors.add(
      'name',
      "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. " +
        "It must start with a letter, digit, emoji, or '_'.",
    );
  }
  const fullPath = instance.fullPathOf(group, path);
  const isOwn = existing !== undefined && instance.projectByPath(fullPath) === existing;
  if (!isOwn && instance.pathTaken(fullPath)) errors.add('path', 'has already been taken');
  if (path.trim() === '') errors.add('path', "can't be blank");
  else if (!PATH.test(path) || PATH_ENDING.test(path)) {
    errors.add(
      'path',
      "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
    );
  }
  for (const [attribute, text] of [
    ['name', name],
    ['path', path],
  ] as const) {
    if (text.length > MAXIMUM_LENGTH) {
      errors.add(attribute, `is too long (maximum is ${MAXIMUM_LENGTH} characters)`);
    }
  }
  if (isAbove(visibility, group.visibility)) {
    errors.add('visibility_level', `${visibility} is not allowed in a ${group.visibility} group.`);
  }
  return errors;
}

/** The visibility that an import gets: that of its archive, or what its group and the instance allow, if that is less. */
export function loweredVisibility(
  instance: GitLabInstance,
  group: SampleGroup,
  visibility: Visibility,
): Visibility {
  const lowered = isAbove(visibility, group.visibility) ? group.visibility : visibility;
  return instance.settings.restrictedVisibilityLevels.includes(lowered) ? 'private' : lowered;
}
