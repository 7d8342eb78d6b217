import { MigrationError } from '../domain/errors.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { getCurrentUser } from '../gitlab/api/users.ts';
import { PROJECT_ADVICE } from '../gitlab/project-refusals.ts';
import { isFirstOf } from '../store/firsts.ts';

/** Who the authors of issues, merge requests and notes will be; nothing of it is known to GitLab's own failures. */
class AuthorsNotice extends MigrationError {
  override name = 'BulkImports::AuthorsNotice';
}

/**
 * Says once per import, before its first project, whom GitLab will make the author of what is in its projects, and what
 * can be done about it: only for an administrator's token it looks authors up, by the members in the archive and their
 * e-mail addresses. Where memberships are not migrated there are none in it, which is said once, too.
 *
 * @throws MigrationError for a user who can import nothing, whichever project of the import asks
 */
export async function tellAuthors({
  bulkImport,
  destination,
  entity,
  recordFailure,
}: PipelineContext): Promise<void> {
  const user = await getCurrentUser(destination);
  if (user.bot === true) throw new MigrationError(PROJECT_ADVICE.bot);
  const isLeftOut = user.is_admin === true && entity.relations.members === false;
  if (!(await isFirstOf(entity.importId, isLeftOut ? 'NO_AUTHORS' : 'AUTHORS', entity.id))) return;
  const ofAdministrator = bulkImport.userMappingId === undefined ? BY_ADDRESS : BY_MAPPING;
  const message = isLeftOut ? WITHOUT_MEMBERS : user.is_admin === true ? ofAdministrator : NOBODY;
  await recordFailure('loader', { key: 'authors', title: 'authors' }, new AuthorsNotice(message));
}

const BY_ADDRESS =
  'In all projects of this import, authors become the users of the destination with the same e-mail address; whatever others wrote is shown as by the importing user. Create accounts with these addresses before you import, for those who have none.';
const BY_MAPPING =
  'In all projects of this import, members are the authors whom the user mapping names, else the users of the destination with the same e-mail address; whatever others wrote is shown as by the importing user. Map whoever has no such account.';
const WITHOUT_MEMBERS =
  'In projects whose memberships are not migrated, everything is shown as written by the importing user: GitLab finds authors by the members in an archive. To keep authors, import again with the memberships.';
const NOBODY =
  "In all projects of this import, everything is shown as written by the importing user, since only with an administrator's token GitLab looks authors up by e-mail. To keep authors, import again with a token of an administrator of the destination.";
