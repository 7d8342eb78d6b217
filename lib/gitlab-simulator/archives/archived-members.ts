import type { GitLabInstance } from '../instance.ts';
import { addMember, directMember } from '../memberships.ts';
import { ACCESS_LEVELS, type AccessLevel, type SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import type { RelationRecords } from './archive-records.ts';

type ArchivedMember = RelationRecords['project_members'][number];

/** An import gives no higher role: Owners become Maintainers. */
export function atMostMaintainer(level: number): AccessLevel {
  return Math.min(level, ACCESS_LEVELS.maintainer) as AccessLevel;
}

/**
 * Adds the members of an archive, whom GitLab recognizes by their e-mail addresses, and only for an administrator (its
 * `lib/gitlab/import_export/members_mapper.rb`). Returns who the users of the source are here; those who are missing are
 * the importer.
 */
export function addArchivedMembers(
  instance: GitLabInstance,
  project: SampleProject,
  members: readonly ArchivedMember[],
  importer: SampleUser,
): ReadonlyMap<number, number> {
  const known = new Map<number, number>();
  if (!importer.admin) return known;
  for (const { user, access_level: level, expires_at: expiresAt } of members) {
    const here = userByEmail(instance, emailOf(user));
    if (!here) continue;
    known.set(user.id, here.id);
    if (directMember(project, here.id)) continue;
    addMember(instance, project, {
      userId: here.id,
      accessLevel: atMostMaintainer(level),
      expiresAt,
      createdById: importer.id,
    });
  }
  return known;
}

/** By what GitLab looks for somebody. To Ruby an empty address is one, which nobody has. */
function emailOf({ public_email: shown, email }: ArchivedMember['user']): string | undefined {
  return shown ?? email;
}

/** Who has this very address as their own, whatever they show. */
function userByEmail(instance: GitLabInstance, wanted: string | undefined): SampleUser | undefined {
  return [...instance.users.values()].find(({ email }) => email === wanted);
}
