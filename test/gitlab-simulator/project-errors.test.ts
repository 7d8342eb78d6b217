import { beforeEach, expect, it } from 'vitest';
import { createGroup } from '../../lib/gitlab-simulator/group-creation.ts';
import { GitLabInstance } from '../../lib/gitlab-simulator/instance.ts';
import type { SampleGroup, Visibility } from '../../lib/gitlab-simulator/model.ts';
import { type SampleGitLabOptions, settingsOf } from '../../lib/gitlab-simulator/options.ts';
import { createProject } from '../../lib/gitlab-simulator/project-creation.ts';
import { loweredVisibility, projectErrors } from '../../lib/gitlab-simulator/project-errors.ts';

let instance: GitLabInstance;
let group: SampleGroup;
beforeEach(() => {
  [instance, group] = start({});
});

function start(options: SampleGitLabOptions): [GitLabInstance, SampleGroup] {
  const started = new GitLabInstance(settingsOf(options));
  const made = createGroup(started, undefined, {
    name: 'Acme',
    path: 'acme',
    visibility: 'internal',
    description: '',
    settings: {},
  });
  createProject(started, made, { name: 'App', path: 'app', creatorId: 1 });
  return [started, made];
}

const errorsOf = (name: string, path: string, visibility: Visibility = 'private') =>
  projectErrors(instance, group, { name, path, visibility }).toSentences();

it('a name is taken by a project of the same group in the same letter case', () => {
  expect(errorsOf('App', 'other')).toEqual([
    'Project namespace name has already been taken',
    'Name has already been taken',
  ]);
  expect(errorsOf('APP', 'other')).toEqual([]);
});

it('a name is taken in one sentence before projects had namespaces', () => {
  [instance, group] = start({ version: '15.11.0' });

  expect(errorsOf('App', 'other')).toEqual(['Name has already been taken']);
});

it('a path is taken by a project or a subgroup, in any letter case', () => {
  createGroup(instance, group, {
    name: 'Sub',
    path: 'sub',
    visibility: 'private',
    description: '',
    settings: {},
  });

  expect(errorsOf('Other', 'APP')).toEqual(['Path has already been taken']);
  expect(errorsOf('Other', 'Sub')).toEqual(['Path has already been taken']);
});

it('what a renamed or removed project had is free', () => {
  const project = instance.projectByPath('acme/app');
  if (!project) throw new Error('there is no project');
  instance.renameProject(project, 'New', 'new');
  expect([errorsOf('App', 'app'), errorsOf('New', 'x').length, errorsOf('x', 'new').length]).toEqual([
    [],
    2,
    1,
  ]);

  instance.removeProject(project);
  expect([errorsOf('New', 'new'), group.projects]).toEqual([[], []]);
});

it('a group that moves takes its projects along', () => {
  instance.renameGroup(group, 'Acme', 'moved');

  expect(instance.projectByPath('acme/app')).toBeUndefined();
  expect(instance.projectByPath('moved/app')?.name).toBe('App');
});

it('names and paths have a form', () => {
  expect(errorsOf('', '-x')).toEqual([
    "Name can't be blank",
    "Path can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
  ]);
  expect(errorsOf('*', 'x.git')).toHaveLength(2);
  expect(errorsOf('n'.repeat(256), 'p'.repeat(256))).toEqual([
    'Name is too long (maximum is 255 characters)',
    'Path is too long (maximum is 255 characters)',
  ]);
});

it('a visibility above the group is refused at creation and lowered by an import', () => {
  expect(errorsOf('Other', 'other', 'public')).toEqual([
    'Visibility level public is not allowed in a internal group.',
  ]);
  expect(loweredVisibility(instance, group, 'public')).toBe('internal');
  expect(loweredVisibility(instance, group, 'private')).toBe('private');
});

it('a restricted visibility becomes private by an import', () => {
  [instance, group] = start({ restrictedVisibilityLevels: ['internal'] });

  expect(loweredVisibility(instance, group, 'public')).toBe('private');
});
