import { UserMappingError } from '../domain/errors.ts';
import type { PipelineContext } from '../engine/relation.ts';
import type { SourceMember } from '../gitlab/api/source-members.ts';
import type { Page } from '../gitlab/client.ts';
import type { PlanUser } from '../store/plan-users.ts';
import { findMapped, namesOf, personOf, type Sought, soughtFor } from './mapped-people.ts';
import { findPeople, type Person } from './people.ts';

/** A member, and who that is at the destination: the people of a page are looked up together. */
export interface FoundMember {
  member: SourceMember;
  /** Absent when there was no need to look, or the look-up of somebody else met trouble before. */
  person: Person | undefined;
  /** Who is looked for: `undefined` for nobody. */
  sought: Sought | undefined;
  /** Whether a user mapping leaves them out. */
  isLeftOut: boolean;
}

/** The members of a page, and who they are: the import's mapping wins over addresses. */
export async function withPeople(
  page: Page<SourceMember>,
  context: PipelineContext,
): Promise<Page<FoundMember>> {
  const ids = page.records.flatMap(({ user }) => user?.id ?? []);
  const mapped = await findMapped(context, ids);
  const found = page.records.map(member => {
    const target = member.user && mapped.get(member.user.id);
    const sought = soughtFor(target ?? undefined, member.user?.publicEmail);
    return { member, sought, isLeftOut: target === 'nobody' };
  });
  const names = found.flatMap(({ member, sought }) =>
    // Who is skipped without is not looked up.
    sought !== undefined && member.accessLevel?.integerValue ? namesOf(sought) : [],
  );
  const people = await findPeople(context, names);
  return {
    ...page,
    records: found.map(one => ({ ...one, person: one.sought && personOf(one.sought, people) })),
  };
}

/** Who somebody is at the destination, and what says so; `undefined` where that is not known, or of no use. */
export function counterpartOf({
  member,
  person,
  sought,
  isLeftOut,
}: FoundMember): Pick<PlanUser, 'userId' | 'foundBy'> | undefined {
  // Whoever has no access is not looked up.
  if (!member.accessLevel?.integerValue) return undefined;
  if (isLeftOut) return { userId: null, foundBy: 'mapping' };
  if (person && 'error' in person) {
    return person.error instanceof UserMappingError ? { userId: null, foundBy: null } : undefined;
  }
  const userId = person?.userId ?? null;
  if (userId === null) return { userId, foundBy: null };
  return { userId, foundBy: sought?.isMapped ? 'mapping' : 'public_email' };
}
