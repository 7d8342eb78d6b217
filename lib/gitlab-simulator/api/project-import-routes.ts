import { stat } from 'node:fs/promises';
import { type ApiAnswer, forbidden, json, notFound, refuse } from '../answer.ts';
import { advanceImport } from '../archives/import-job.ts';
import type { ProjectImport } from '../archives/project-archives.ts';
import { bytesOf, headersOf, messageOf, problemWith } from '../archives/remote-file.ts';
import { PROJECT_ARCHIVES } from '../declarations/project-archives.ts';
import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleGroup } from '../model.ts';
import { hasRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { keepFile, type UploadedFile } from '../uploaded-file.ts';
import { projectSettingsOf } from './project-attributes.ts';
import { createImportedProject, namespaceOf } from './project-import-creation.ts';
import { presentImport } from './project-import-entity.ts';
import { projectOf } from './project-of.ts';

type FileCall = CallOf<typeof PROJECT_ARCHIVES.importFile>;
type UrlCall = CallOf<typeof PROJECT_ARCHIVES.importUrl>;

export const PROJECT_IMPORT_ROUTES: readonly Route[] = [
  route(PROJECT_ARCHIVES.importFile, importFile),
  route(PROJECT_ARCHIVES.importUrl, importUrl),
  route(PROJECT_ARCHIVES.importStatus, getImportStatus),
];

async function importFile(call: FileCall): Promise<ApiAnswer> {
  const { instance, currentUser, params } = call;
  requireSource(instance);
  instance.archives.take('import', currentUser);
  const { file } = params;
  requireArchive(file);
  const group = namespaceOf(call);
  const { files } = instance.archives;
  const path = await files.newFile();
  try {
    await files.during(keepFile(file, path));
    return created(call, group, { path }, (await stat(path)).size);
  } catch (error) {
    await files.remove(path);
    throw error;
  }
}

async function importUrl(call: UrlCall): Promise<ApiAnswer> {
  const { instance, currentUser, params } = call;
  const { behaviour } = instance.archives;
  requireSource(instance);
  if (!behaviour.remoteImportEnabled) throw notFound();
  instance.archives.take('import', currentUser);
  const group = namespaceOf(call);
  const url = params.url ?? '';
  const schemes = behaviour.httpAllowed ? ['http', 'https'] : ['https'];
  if (!schemes.some(scheme => url.startsWith(`${scheme}://`))) {
    throw refuse(400, `File url is blocked: Only allowed schemes are ${schemes.join(', ')}`);
  }
  if (!URL.canParse(url)) throw refuse(400, 'File url is blocked: URI is invalid');
  const headers = await headersOf(url, behaviour.headTimeoutMs).catch(error => {
    throw refuse(400, `Failed to retrive headers: ${messageOf(error)}`);
  });
  const problem = problemWith(headers);
  if (problem !== undefined) throw refuse(400, problem);
  return created(call, group, { url }, bytesOf(headers));
}

async function getImportStatus(call: CallOf<typeof PROJECT_ARCHIVES.importStatus>): Promise<ApiAnswer> {
  const { instance, currentUser } = call;
  if (!instance.versionAtLeast('15.0')) requireSource(instance);
  await advanceImport(instance, projectOf(call).project);
  // Looked for again: it may have been deleted meanwhile.
  return json(200, presentImport(instance, currentUser, projectOf(call).project));
}

/** Makes the project, which is filled while the client asks how far it is. */
function created(
  call: FileCall | UrlCall,
  group: SampleGroup,
  source: ProjectImport['source'],
  bytes: number,
): ApiAnswer {
  const { instance, currentUser, params } = call;
  const project = createImportedProject(call, group, 'url' in source ? source.url : undefined);
  const { description, visibility, ...settings } = params.override_params ?? {};
  const isOwner = hasRole(instance, currentUser, group, ACCESS_LEVELS.owner);
  instance.archives.beginImport(project, {
    importer: currentUser,
    source,
    bytes,
    overrides: {
      ...(typeof description === 'string' && { description }),
      ...(visibility && { visibility }),
      settings: projectSettingsOf(settings, isOwner),
    },
  });
  return json(201, presentImport(instance, currentUser, project));
}

/** Throws a 403 where archives are no source of imports. */
export function requireSource({ archives }: GitLabInstance): void {
  if (!archives.behaviour.importSourceEnabled) throw forbidden();
}

/** Throws a 422 for a file that is none by its name. */
export function requireArchive(file: UploadedFile): void {
  if (file.filename.endsWith('.gz')) return;
  throw refuse(422, { error: 'You need to upload a GitLab project export archive (ending in .gz).' });
}
