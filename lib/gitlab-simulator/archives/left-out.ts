import type { GitLabInstance } from '../instance.ts';
import type { SampleProjectImport } from '../project-model.ts';
import type { ArchiveContents } from './archive-reader.ts';

type Relations = ArchiveContents['relations'];

/** The records of an archive without those that fail by behaviour, and the list of these, newest first. */
export function withoutFailed(
  instance: GitLabInstance,
  relations: Relations,
): { readonly relations: Relations; readonly failed: SampleProjectImport['failedRelations'] } {
  const left: Record<string, unknown[]> = { ...relations };
  const failed: SampleProjectImport['failedRelations'] = [];
  for (const { relation, lines } of instance.archives.behaviour.failedRelations) {
    const records = left[relation] ?? [];
    left[relation] = records.filter((_, line) => !lines.includes(line));
    for (const line of lines.filter(at => at < records.length)) {
      failed.unshift({
        id: instance.nextId(),
        createdAt: new Date().toISOString(),
        exceptionClass: 'ActiveRecord::RecordInvalid',
        source: 'process_relation_item!',
        relationName: relation,
        lineNumber: line,
      });
    }
  }
  return { relations: left as Relations, failed };
}
