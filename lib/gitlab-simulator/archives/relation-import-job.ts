import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import type { ImportableRelation, SampleProject, SampleRelationImport } from '../project-model.ts';
import { BrokenArchive, readArchive } from './archive-reader.ts';
import { fillRelation } from './filled-relation.ts';

/** What an import of a relation works with until it is over. */
export interface RelationImportJob {
  readonly importer: SampleUser;
  /** The file that was sent. */
  readonly path: string;
  /** When it began, epoch ms. */
  readonly since: number;
  /** How often its status was asked for. */
  asked: number;
}

/** Begins the import of a relation from a file that was sent. */
export function beginRelationImport(
  instance: GitLabInstance,
  project: SampleProject,
  { relation, importer, path }: { relation: ImportableRelation; importer: SampleUser; path: string },
): SampleRelationImport {
  const now = new Date().toISOString();
  const begun: SampleRelationImport = {
    id: instance.nextId(),
    relation,
    status: 'created',
    createdAt: now,
    updatedAt: now,
  };
  project.relationImports.push(begun);
  instance.archives.relationImports.set(begun, { importer, path, since: Date.now(), asked: 0 });
  return begun;
}

/** Takes the imports of relations of a project a step further, as each request for them does. */
export async function advanceRelationImports(
  instance: GitLabInstance,
  project: SampleProject,
): Promise<void> {
  const { archives } = instance;
  for (const begun of project.relationImports) {
    const job = archives.relationImports.get(begun);
    if (job === undefined) continue;
    const { relationImportStates: states, jobMs } = archives.behaviour;
    const next = states[Math.min(job.asked, states.length - 1)] ?? 'created';
    const isOver = next === 'finished' || next === 'failed';
    job.asked += 1;
    const status = isOver && Date.now() < job.since + jobMs ? 'started' : next;
    if (status === 'finished') {
      // Nobody else may read it while this does.
      archives.relationImports.delete(begun);
      await archives.files.during(finish(instance, project, begun, job));
    } else if (status === 'failed') {
      archives.relationImports.delete(begun);
      begun.status = 'failed';
      await archives.files.remove(job.path);
    } else begun.status = status;
    begun.updatedAt = new Date().toISOString();
  }
}

/** Whether another import is in the way: only one that has started is, by GitLab's own count. */
export function isImportInProgress({ import: { status }, relationImports }: SampleProject): boolean {
  return relationImports.at(-1)?.status === 'started' || status === 'started';
}

async function finish(
  instance: GitLabInstance,
  project: SampleProject,
  begun: SampleRelationImport,
  { path, importer }: RelationImportJob,
): Promise<void> {
  try {
    fillRelation(instance, project, begun.relation, await readArchive(path), importer);
    begun.status = 'finished';
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    begun.status = 'failed';
  } finally {
    await instance.archives.files.remove(path);
  }
}
