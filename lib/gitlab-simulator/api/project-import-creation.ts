import { randomUUID } from 'node:crypto';
import { notFound, refuse } from '../answer.ts';
import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleGroup, type SampleUser } from '../model.ts';
import { canReadGroup, hasRole } from '../permissions.ts';
import { createProject } from '../project-creation.ts';
import { projectErrors } from '../project-errors.ts';
import type { SampleProject } from '../project-model.ts';
import type { ApiCall } from '../route.ts';

/** Characters that the column of the URL takes, and before 14.10. */
const LONGEST_URL = 2048;
const LONGEST_URL_BEFORE = 512;
/** Of the patch releases that brought it, 15.10.5 and 15.11.1, the sample keeps to the version. */
const MAINTAINERS_SINCE = '15.11';

type ImportCall = ApiCall<{
  readonly path: string;
  readonly name?: string | null | undefined;
  readonly namespace?: string | null | undefined;
}>;

/** The group that a project is imported into. The sample has no projects of people, whose namespace is the default. */
export function namespaceOf({ instance, currentUser, params }: ImportCall): SampleGroup {
  const { namespace } = params;
  if (!namespace) throw refuse(400, 'Namespace is not valid');
  const group = instance.groupByReference(namespace);
  if (!group || !canReadGroup(instance, currentUser, group)) throw notFound('Namespace');
  return group;
}

/** Makes the empty project of an import. Throws GitLab's first error. */
export function createImportedProject(
  { instance, currentUser, params }: ImportCall,
  group: SampleGroup,
  url: string | undefined,
): SampleProject {
  requireProjectCreation(instance, currentUser, group);
  const candidate = { path: params.path, name: params.name || params.path, visibility: 'private' } as const;
  const [error] = projectErrors(instance, group, candidate).toSentences();
  if (error !== undefined) throw refuse(400, error);
  if (url !== undefined) requireFits(instance, url);
  return createProject(instance, group, {
    ...candidate,
    creatorId: currentUser.id,
    import: {
      status: 'scheduled',
      type: 'gitlab_project',
      correlationId: randomUUID().replaceAll('-', ''),
      error: null,
      failedRelations: [],
    },
  });
}

function requireProjectCreation(instance: GitLabInstance, user: SampleUser, group: SampleGroup): void {
  const { projectCreationLevel: level } = group.settings;
  const may =
    level === 'administrator'
      ? user.admin
      : level !== 'noone' && hasRole(instance, user, group, ACCESS_LEVELS[level]);
  if (!may) throw refuse(400, 'Namespace is not valid');
  if (!instance.versionAtLeast(MAINTAINERS_SINCE)) return;
  if (!hasRole(instance, user, group, ACCESS_LEVELS.maintainer)) {
    throw refuse(400, 'User is not allowed to import projects');
  }
}

/** The database refuses what its column does not hold, and GitLab shows that as it is. */
function requireFits(instance: GitLabInstance, url: string): void {
  if (url.length <= (instance.versionAtLeast('14.10') ? LONGEST_URL : LONGEST_URL_BEFORE)) return;
  throw refuse(
    400,
    'PG::CheckViolation: ERROR:  new row for relation "import_export_uploads" violates check constraint ' +
      `"check_58f0d37481"\nDETAIL:  Failing row contains (${url}).\n`,
  );
}
