import { type ApiAnswer, json, notFound, refuse } from '../answer.ts';
import {
  advanceRelationImports,
  beginRelationImport,
  isImportInProgress,
} from '../archives/relation-import-job.ts';
import { PROJECT_ARCHIVES } from '../declarations/project-archives.ts';
import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { hasRole } from '../permissions.ts';
import { IMPORTABLE_RELATIONS, type SampleProject, type SampleRelationImport } from '../project-model.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { keepFile } from '../uploaded-file.ts';
import { requireArchive, requireSource } from './project-import-routes.ts';
import { projectOf } from './project-of.ts';

/** Since then no flag decides any more. */
const GENERALLY_AVAILABLE = '17.1';
const ONE_OF = `Imported relation must be one of ${IMPORTABLE_RELATIONS.slice(0, -1).join(', ')}, or ${IMPORTABLE_RELATIONS.at(-1)}`;
const ONGOING =
  'Relation import could not be created: Relation import tracker cannot be created for project with ongoing import';

export const RELATION_IMPORT_ROUTES: readonly Route[] = [
  route(PROJECT_ARCHIVES.importRelation, importRelation),
  route(PROJECT_ARCHIVES.relationImports, getRelationImports),
];

/** In GitLab's order: the source of imports, the flag, the limit, the file, the project, the relation, the right. */
async function importRelation(call: CallOf<typeof PROJECT_ARCHIVES.importRelation>): Promise<ApiAnswer> {
  const { instance, currentUser, params } = call;
  requireSource(instance);
  requireFlag(instance);
  instance.archives.take('import', currentUser);
  requireArchive(params.file);
  // By its path alone, and whether or not the user sees it.
  const project = instance.projectByPath(params.path);
  if (!project) throw refuse(404, 'Project not found');
  const relation = IMPORTABLE_RELATIONS.find(name => name === params.relation);
  if (relation === undefined) throw refuse(400, ONE_OF);
  if (!hasRole(instance, currentUser, project, ACCESS_LEVELS.maintainer)) {
    throw refuse(403, 'You are not authorized to perform this action');
  }
  if (isImportInProgress(project)) {
    throw refuse(409, 'A relation import is already in progress for this project');
  }
  if (project.import.status === 'scheduled') throw refuse(400, ONGOING);
  const { files } = instance.archives;
  const path = await files.newFile();
  await files.during(keepFile(params.file, path));
  const begun = beginRelationImport(instance, project, { relation, importer: currentUser, path });
  return json(201, present(instance, project, begun));
}

async function getRelationImports(call: CallOf<typeof PROJECT_ARCHIVES.relationImports>): Promise<ApiAnswer> {
  const { instance, currentUser } = call;
  requireFlag(instance);
  const { project } = projectOf(call);
  if (!hasRole(instance, currentUser, project, ACCESS_LEVELS.maintainer)) {
    throw refuse(403, '403 Forbidden - Project');
  }
  await advanceRelationImports(instance, project);
  return json(
    200,
    project.relationImports.map(one => present(instance, project, one)),
  );
}

function requireFlag(instance: GitLabInstance): void {
  const { relationImportEnabled } = instance.archives.behaviour;
  if (!relationImportEnabled && !instance.versionAtLeast(GENERALLY_AVAILABLE)) throw notFound();
}

function present(instance: GitLabInstance, project: SampleProject, one: SampleRelationImport) {
  return {
    id: one.id,
    project_path: instance.projectPath(project),
    relation: one.relation,
    status: one.status,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
  };
}
