import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleUser } from '../model.ts';
import { hasRole } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';
import { presentProjectIdentity } from './project-entity.ts';

/** The newest ones that are shown. */
const SHOWN_FAILURES = 100;
const FOR_MAINTAINERS = 'Ask a maintainer to check the import status for more details.';

/** How the import of a project is doing. */
export function presentImport(instance: GitLabInstance, user: SampleUser, project: SampleProject) {
  const { status, type, correlationId, error, failedRelations } = project.import;
  const mayRead = hasRole(instance, user, project, ACCESS_LEVELS.maintainer);
  return {
    ...presentProjectIdentity(instance, user, project),
    import_status: status,
    import_type: type,
    correlation_id: correlationId,
    failed_relations: failedRelations.slice(0, SHOWN_FAILURES).map(failure => ({
      id: failure.id,
      created_at: failure.createdAt,
      exception_class: failure.exceptionClass,
      // Current versions tell no message, whatever happened.
      exception_message: null,
      source: failure.source,
      relation_name: failure.relationName,
      line_number: failure.lineNumber,
    })),
    import_error: error === null || mayRead ? error : FOR_MAINTAINERS,
    stats: null,
  };
}
