import { archiveStore } from '../archives/archive-stores.ts';
import { NotImportedError } from '../domain/errors.ts';
import type { PipelineContext, RecordName } from '../engine/relation.ts';
import type { FailedRelation, ImportStatus } from '../gitlab/api/project-imports.ts';
import { logger } from '../platform/logger.ts';
import { findArchive } from '../store/archives.ts';
import { type ArchiveLine, readLines } from './archive-lines.ts';
import { canImportRelations, isImportable, REPAIRED } from './repairs.ts';

/** GitLab shows no more of them. */
const MOST_SHOWN = 100;

const project = (name: string) => `BulkImports::Projects::Pipelines::${name}Pipeline`;
const common = (name: string) => `BulkImports::Common::Pipelines::${name}Pipeline`;

/** The pipelines of direct transfer by the relation of an archive. */
const PIPELINES: Readonly<Record<string, string>> = {
  issues: project('Issues'),
  merge_requests: project('MergeRequests'),
  labels: common('Labels'),
  milestones: common('Milestones'),
  boards: common('Boards'),
  project_members: common('Members'),
  ci_pipelines: project('CiPipelines'),
  pipeline_schedules: project('PipelineSchedules'),
  releases: project('Releases'),
  snippets: project('Snippets'),
  protected_branches: project('ProtectedBranches'),
  external_pull_requests: project('ExternalPullRequests'),
  commit_notes: project('CommitNotes'),
  project_feature: project('ProjectFeature'),
  auto_devops: project('AutoDevops'),
  container_expiration_policy: project('ContainerExpirationPolicy'),
  service_desk_setting: project('ServiceDeskSetting'),
  push_rule: project('PushRule'),
};

/** The same by GitLab's name of what restores something that is no list of records. */
const RESTORERS: readonly (readonly [RegExp, relation: string, pipelineClass: string])[] = [
  [/upload/i, 'uploads', common('Uploads')],
  [/lfs/i, 'lfs_objects', common('LfsObjects')],
  [/wiki/i, 'wiki', common('Wiki')],
  [/design/i, 'design', project('DesignBundle')],
  [/snippet/i, 'snippets_repository', project('SnippetsRepository')],
  [/repo/i, 'repository', project('RepositoryBundle')],
];

/** The pipeline of direct transfer that moves a relation of an archive; that of the repository where there is none. */
export function pipelineClassOf(relation: string): string {
  return PIPELINES[relation] ?? project('RepositoryBundle');
}

/**
 * Writes a failure for each record that GitLab could not import, under direct transfer's names. GitLab says which line of
 * which file it was: the record's title and number are read from the archive.
 */
export async function recordFailedRelations(context: PipelineContext, status: ImportStatus): Promise<void> {
  const failed = status.failed_relations;
  if (failed.length === 0) return;
  const lines = await linesOf(failed, context);
  const isRepairable = failed.some(isOfImportable) && (await canImportRelations(context));
  for (const relation of failed) {
    const line = lines.get(keyOfLine(relation));
    const error = errorOf(relation, status, isRepairable);
    await context.recordFailure('loader', nameOf(relation, line, context, status), error);
  }
  if (failed.length < MOST_SHOWN) return;
  await context.recordFailure(
    'loader',
    { key: 'more failed relations', title: 'more records' },
    new NotImportedError(
      `GitLab shows ${MOST_SHOWN} failed records of an import at most, so that there may be more. Compare both projects.`,
      false,
    ),
  );
}

const isOfImportable = ({ relation_name: name }: FailedRelation) => isImportable(name);
const keyOfLine = ({ relation_name: name, line_number: line }: FailedRelation) => `${name}:${line}`;

/** The lines of the archive that tell of these; none where the archive cannot be read any more. */
async function linesOf(
  failed: readonly FailedRelation[],
  { entity }: PipelineContext,
): Promise<ReadonlyMap<string, ArchiveLine>> {
  const wanted = new Set(failed.filter(({ line_number: line }) => line != null).map(keyOfLine));
  const archive = wanted.size > 0 && (await findArchive(entity.importId, entity.id))?.archive;
  if (!archive) return new Map();
  try {
    return await readLines(await archiveStore().read(archive), wanted);
  } catch (error) {
    // Names are good to have; the failures are told without them.
    logger.warn('The archive could not be read for the names of records', { error: error as Error });
    return new Map();
  }
}

function nameOf(
  relation: FailedRelation,
  line: ArchiveLine | undefined,
  { bulkImport, entity }: PipelineContext,
  { correlation_id: correlationId }: ImportStatus,
): RecordName {
  const { relation_name: name, line_number: number, id, source } = relation;
  const page = { issues: 'issues', merge_requests: 'merge_requests' }[name ?? ''];
  const where = number == null ? (name ?? source ?? 'project') : `line ${number + 1} of ${name}.ndjson`;
  return {
    key: `failed:${id ?? where}`,
    title: line?.title ?? where,
    ...(page !== undefined &&
      line?.iid !== undefined && {
        url: `${bulkImport.sourceUrl}/${entity.sourceFullPath}/-/${page}/${line.iid}`,
      }),
    as: { ...pipelineOf(relation), correlationId: correlationId ?? null },
    ...(line?.iid !== undefined && { iid: line.iid }),
    ...(isOfImportable(relation) && { broughtBy: REPAIRED }),
  };
}

/** As what direct transfer would have shown it. */
function pipelineOf({ relation_name: name, source }: FailedRelation): {
  relation: string;
  pipelineClass: string;
} {
  const own = PIPELINES[name ?? ''];
  if (name != null && own !== undefined) return { relation: name, pipelineClass: own };
  const restorer = RESTORERS.find(([words]) => words.test(`${name ?? ''} ${source ?? ''}`));
  if (restorer !== undefined) return { relation: restorer[1], pipelineClass: restorer[2] };
  return { relation: name ?? 'project', pipelineClass: project('Project') };
}

/** @param isRepairable whether the destination imports single relations */
function errorOf(
  relation: FailedRelation,
  { correlation_id: id }: ImportStatus,
  isRepairable: boolean,
): NotImportedError {
  const { exception_class: exceptionClass, exception_message: words } = relation;
  const isBroughtAgain = isRepairable && isOfImportable(relation);
  const message =
    words ||
    `The destination GitLab could not import it and shows no reason. Its administrator finds one in importer.log${id ? ` under the correlation id ${id}` : ''}. ${isBroughtAgain ? REPAIR : BY_HAND}`;
  return new NotImportedError(message, isBroughtAgain, exceptionClass || undefined);
}

const BY_HAND = 'Add it by hand.';
/** What repairs it needs the membership that GitLab's import has given. */
const REPAIR = 'Remove it and retry, or add it by hand; till then the importing user stays a member.';
