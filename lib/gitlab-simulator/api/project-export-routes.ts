import { type ApiAnswer, json, notFound, refuse } from '../answer.ts';
import { nextExportState } from '../archives/export-job.ts';
import { fileAnswer } from '../archives/file-answer.ts';
import { PROJECT_ARCHIVES } from '../declarations/project-archives.ts';
import { ACCESS_LEVELS, type SampleGroup } from '../model.ts';
import { requireRole } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { presentProjectIdentity } from './project-entity.ts';
import { projectOf } from './project-of.ts';

type ProjectCall = ApiCall<{ readonly id: string }>;

export const PROJECT_EXPORT_ROUTES: readonly Route[] = [
  route(PROJECT_ARCHIVES.startExport, startExport),
  route(PROJECT_ARCHIVES.exportStatus, getExportStatus),
  route(PROJECT_ARCHIVES.downloadExport, downloadExport),
];

/** The project, of which the user may export everything; GitLab looks at its setting first. */
function exportable(call: ProjectCall): { group: SampleGroup; project: SampleProject } {
  const { instance, currentUser } = call;
  if (!instance.archives.behaviour.exportEnabled) throw notFound();
  const found = projectOf(call);
  requireRole(instance, currentUser, found.project, ACCESS_LEVELS.maintainer);
  return found;
}

/** What is refused for its size has lost the earlier archive all the same. */
async function startExport(call: CallOf<typeof PROJECT_ARCHIVES.startExport>): Promise<ApiAnswer> {
  const { project } = exportable(call);
  const { archives } = call.instance;
  archives.take('export', call.currentUser);
  if (archives.behaviour.exportTooLarge) {
    await archives.removeExport(project, call.currentUser);
    throw refuse(400, 'The project size exceeds the export limit.');
  }
  await archives.beginExport(project, call.currentUser);
  return json(202, { message: '202 Accepted' });
}

async function getExportStatus(call: ProjectCall): Promise<ApiAnswer> {
  const { instance, currentUser } = call;
  const { project } = exportable(call);
  const identity = presentProjectIdentity(instance, currentUser, project);
  const state = await nextExportState(instance, project, currentUser);
  return json(200, {
    ...identity,
    export_status: state,
    ...(state === 'finished' && {
      _links: {
        api_url: `${instance.url}/api/v4/projects/${identity.id}/export/download`,
        web_url: `${instance.url}/${identity.path_with_namespace}/download_export`,
      },
    }),
  });
}

async function downloadExport(call: ProjectCall): Promise<ApiAnswer> {
  const { instance, currentUser, headers } = call;
  const { group, project } = exportable(call);
  const { archives } = instance;
  archives.take('download', currentUser, group.id);
  const found = archives.exportOf(project, currentUser);
  if (!found) throw refuse(404, '404 Not found or has expired');
  if (found.file !== 'ready') throw refuse(404, 'The project export file is not available yet');
  if (archives.behaviour.downloadRedirected && instance.signedFileLink) {
    return { status: 302, headers: { location: await instance.signedFileLink(found.path) }, body: '' };
  }
  const answer = await fileAnswer(found.path, headers, archives.behaviour);
  const filename = `${project.path}_export.tar.gz`;
  return {
    ...answer,
    headers: { ...answer.headers, 'content-disposition': `attachment; filename="${filename}"` },
  };
}
