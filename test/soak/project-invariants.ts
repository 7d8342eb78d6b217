import type { Entity } from '../../lambdas/store/entity.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProject } from '../../lib/gitlab-simulator/project-model.ts';
import { PROJECT_RECORDS } from '../../lib/gitlab-simulator/project-records.ts';
import { keyOf, type RelationRecords } from '../../lib/gitlab-simulator/relation-records.ts';
import { isWrite } from './fault-kinds.ts';
import { type Invariant, NOTICE, ownGroups, twice } from './invariant.ts';
import type { Records } from './records.ts';
import { isExport, portrait } from './strangers.ts';

/** What must hold of the projects at the destination. */

/** Each project of the source is at the destination with all that its archive carries, or a failure accounts for it. */
export const noProjectIsLost: Invariant = ({ source, destination, answer }, records) => {
  const { record, entities, trackers, failures } = records;
  // The caller was never told that there is an import, or canceled it.
  if (answer !== 201 || record?.status === 'canceled') return [];
  return source.groups().flatMap(group => {
    const parent = entities.find(one => one.sourceType === 'group_entity' && one.sourceId === group.id);
    // Groups are accounted for by themselves.
    if (parent === undefined || parent.status !== 'finished') return [];
    if (parent.relations.project_entities === false) return [];
    return group.projects.flatMap(project => {
      const path = `${group.fullPath}/${project.path}`;
      const entity = entities.find(one => one.sourceType === 'project_entity' && one.sourceId === project.id);
      if (project.markedForDeletionOn !== null)
        return entity === undefined ? [] : [`the project ${path} is deleted, and has an entity`];
      if (entity === undefined)
        return isNotMade(parent, project.name, records) ? [] : [`the project ${path} is lost`];
      const own = failures.filter(one => one.entityId === entity.id && one.exceptionClass !== NOTICE);
      if (entity.status !== 'finished')
        return own.length > 0 ? [] : [`the project ${path} has no failure and is '${entity.status}'`];
      const open = trackers.filter(one => one.entityId === entity.id && !ENDED.includes(one.status));
      if (open.length > 0 && own.length === 0)
        return [`the project ${path} has finished without ${open.map(({ pipeline }) => pipeline)}`];
      const target = destination.groups().flatMap(({ projects }) => projects);
      const made = target.find(({ id }) => id === entity.projectId);
      if (made === undefined) return [`the project ${path} has finished, and is not there`];
      return (
        differences(project, made)
          // Its settings and members, which the archive does not have.
          .filter(kind => kind !== 'project' || entity.relations.project_attributes !== false)
          .filter(kind => own.length === 0 || (kind !== 'project' && !own.some(one => one.relation === kind)))
          .map(kind => `the ${kind} of ${path} did not arrive as they were`)
      );
    });
  });
};

/** No project is there twice, each has an original, and none that is there in part belongs to one that has finished. */
export const noProjectIsDoubled: Invariant = (
  { source, destination, foreign, foreignProjects },
  { entities },
) => {
  const theirs = new Set(foreignProjects.map(({ id }) => id));
  const own = ownGroups(destination, foreign).flatMap(group =>
    group.projects
      // What a failed import has left waits for its deletion, out of the way, at a GitLab that does not delete at once.
      .filter(
        one => !theirs.has(one.id) && !(one.markedForDeletionOn !== null && one.import.status === 'failed'),
      )
      .map(project => ({ project, path: originalPath(`${group.fullPath}/${project.path}`) })),
  );
  const projects = entities.filter(({ sourceType }) => sourceType === 'project_entity');
  return [
    ...twice(projects.map(({ sourceId }) => String(sourceId))).map(id => `two entities of the project ${id}`),
    ...twice(own.map(({ path }) => path)).map(path => `the project ${path} is there twice`),
    ...own
      .filter(({ path }) => source.project(path) === undefined)
      .map(({ path }) => `the source has no project ${path}`),
    ...own
      .filter(({ project }) => project.import.status !== 'finished')
      .filter(({ project }) =>
        projects.some(({ projectId, status }) => projectId === project.id && status === 'finished'),
      )
      .map(({ path }) => `the project ${path} has finished, and its import has not`),
  ];
};

/** What a stranger has made is as they left it, and no entity calls it its own. */
export const noForeignProjectIsTouched: Invariant = ({ destination, foreignProjects }, { entities }) =>
  foreignProjects.flatMap(({ id, fullPath, was }) => {
    const project = destination
      .groups()
      .flatMap(({ projects }) => projects)
      .find(one => one.id === id);
    return [
      ...(project !== undefined && portrait(project) === was
        ? []
        : [`the project ${fullPath} of a stranger was changed`]),
      ...entities
        .filter(({ projectId }) => projectId === id)
        .map(entity => `entity ${entity.id} calls the project ${fullPath} of a stranger its own`),
    ];
  });

/** The source is asked for exports and for nothing else that changes it. */
export const onlyExportsAreAskedOfTheSource: Invariant = ({ source }) =>
  source.requests
    .filter(isWrite)
    .filter(({ method, path }) => !isExport({ method, path }))
    .map(({ method, path }) => `${method} ${path} went to the source`);

/** A source is asked for the export of a project once, and again only when the request for the first one had no effect. */
export const noExportIsAskedForTwice: Invariant = ({ source, exportsReplaced }) =>
  exportsReplaced.map(id => {
    const project = source
      .groups()
      .flatMap(group => group.projects)
      .find(one => one.id === id);
    return `the export of ${project?.path} was asked for while one was under way`;
  });

/** What is ruled out is skipped. */
const ENDED = ['finished', 'skipped'];

/** Whether something of the parent's accounts for a project of which there is no entity. */
function isNotMade(parent: Entity, name: string, { failures, trackers }: Records): boolean {
  const own = failures.filter(
    ({ entityId, key }) => entityId === parent.id && key.split('#')[1] === 'project_entities',
  );
  const tracker = trackers.find(
    ({ entityId, pipeline }) => entityId === parent.id && pipeline === 'project_entities',
  );
  return (
    tracker?.status === 'failed' ||
    own.some(({ sourceTitle }) => sourceTitle === null || sourceTitle === name)
  );
}

/** In which relations two projects differ. */
function differences(source: SampleProject, destination: SampleProject): string[] {
  const wordsOf = (project: SampleProject, { kinds }: RelationRecords) => {
    const named = { ...project, path: source.path, name: originalPath(project.name) };
    const group = { projects: [named] } as unknown as SampleGroup;
    return JSON.stringify(kinds.flatMap(({ recordsOf }) => recordsOf(group).map(keyOf).sort()));
  };
  return Object.entries(PROJECT_RECORDS)
    .filter(([, records]) => wordsOf(source, records) !== wordsOf(destination, records))
    .map(([relation]) => relation);
}

/** The path at the source of one that had to evade somebody. No path of a plan has a `_`. */
const originalPath = (path: string) => path.replaceAll(/_\d+(?=\/|$)/g, '');
