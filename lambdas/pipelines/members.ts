import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { isVerification } from '../engine/planned.ts';
import { Change, type PipelineContext, present, type Relation, Skip } from '../engine/relation.ts';
import { differences, requireShown } from '../engine/shown.ts';
import {
  addMember,
  allDirectMembers,
  allEffectiveMembers,
  changeMember,
  getEffectiveAccessLevel,
  LEVEL_NAMES,
  MEMBERS_PER_REQUEST,
  type Member,
  type Membership,
} from '../gitlab/api/members.ts';
import type { MemberRelation } from '../gitlab/api/source-members.ts';
import { status } from '../gitlab/client-errors.ts';
import { refusedAttributes } from '../gitlab/refusals.ts';
import { isAtLeast } from '../gitlab/version.ts';
import { counterpartOf, type FoundMember, withPeople } from './found-members.ts';
import { findSought, type Sought } from './mapped-people.ts';
import { addInLists, type Memberships, note } from './member-lists.ts';
import { listMembersAtSource } from './members-at-source.ts';
import type { Person } from './people.ts';
import { notePlanUser } from './plan-people.ts';
import { plannedMemberships } from './planned-above.ts';
import { writableProject } from './projects-of-entity.ts';

interface Attributes {
  username: string;
  sought: Sought;
  person: Person | undefined;
  membership: Omit<Membership, 'user_id'>;
}

/**
 * Memberships, of whom the import's user mapping names, and else by GitLab's rule from before placeholder users: a member
 * counts if their public e-mail address at the source is an address of a user at the destination. Left out, and counted
 * as skipped: members without a public address, without a user at the destination, the importing user, and those whose
 * access there is as high already. Whom a mapping names and the destination does not have is a failure: somebody has
 * asked for them.
 */
export const members: Relation<FoundMember, Attributes, Memberships> = {
  name: 'members',
  pipelineClass: 'BulkImports::Common::Pipelines::MembersPipeline',
  relation: 'members',
  parallel: 4,

  part: {
    asks: of => ({ memberRelations: relationsOf(of) }),
    page: ({ members: page }, context) => page && withPeople(page, context),
  },

  async read(context, cursor) {
    const page = await listMembersAtSource(context, relationsOf(context), cursor);
    return withPeople(page, context);
  },

  async existing(context) {
    const { destination, entity, isFresh } = context;
    const target = context.target();
    // Of a new group the importing user alone is a member, who is left out anyway; who is one above it has access, too.
    const isAlone = target.kind === 'group' && isFresh && entity.destinationNamespace === '';
    const [effective, direct] = await Promise.all([
      isAlone ? [] : allEffectiveMembers(destination, target),
      isFresh ? [] : allDirectMembers(destination, target),
    ]);
    const levels = new Map<number, number>();
    for (const { id, access_level } of effective) levels.set(id, Math.max(access_level, levels.get(id) ?? 0));
    return {
      levels,
      direct: new Map(direct.map(({ id, access_level }) => [id, access_level])),
      expiries: new Map(direct.map(({ id, expires_at }) => [id, expires_at ?? null])),
      isJustRead: true,
    };
  },

  nameOf: ({ member: { id, user } }) => ({
    key: String(user?.id ?? id ?? 'invitation'),
    title: user?.name ?? null,
  }),

  want({ member: { accessLevel, expiresAt, user }, person, sought, isLeftOut }) {
    const level = accessLevel?.integerValue;
    if (!user) return new Skip('invitation');
    if (isLeftOut) return new Skip('mapped_to_nobody');
    if (sought === undefined) return new Skip('no_public_email');
    if (!level) return new Skip('no_access');
    return {
      username: user.username,
      sought,
      person,
      membership: {
        access_level: level,
        ...present({ expires_at: expiresAt?.slice(0, 'YYYY-MM-DD'.length) }),
      },
    };
  },

  isAbout: ({ targetId }, { person }) =>
    person !== undefined && 'userId' in person && person.userId === targetId,

  async decide(wanted, { levels, direct }, context) {
    const { membership } = wanted;
    const userId = await userIdOf(wanted, context);
    // Who was not known before is known by whoever asks later which writes were about them.
    wanted.person ??= { userId };
    if (userId === null) return new Skip('no_user');
    if (userId === context.entity.userId) return new Skip('importing_user');
    // The very membership is there: an earlier run has made it.
    if (direct.get(userId) === membership.access_level) return 'keep';
    if ((levels.get(userId) ?? 0) >= membership.access_level) return new Skip('has_access');
    return direct.has(userId) ? new Change(['access_level']) : 'create';
  },

  async create(wanted, context, known) {
    const member = await write(await membershipOf(wanted, context), wanted.username, context);
    if (member instanceof Skip) return member;
    note(member, known);
    requireShown(wanted.membership, member, 'member');
  },

  async differences(_, wanted, context, { direct, expiries }) {
    const id = (await userIdOf(wanted, context)) as number;
    const level = direct.get(id);
    if (level === undefined) return undefined;
    const { access_level, expires_at = null } = wanted.membership;
    const shown = { access_level: level, expires_at: expiries?.get(id) };
    return [...differences({ access_level, expires_at }, shown).values()];
  },

  planned: {
    existing: context =>
      plannedMemberships(context, members, groupId => allEffectiveMembers(context.destination, groupId)),
    async outlook(wanted, _, context, known) {
      const id = (await userIdOf(wanted, context)) as number;
      const isMember = known.direct.has(id);
      note({ id, access_level: wanted.membership.access_level }, known);
      // GitLab writes to everybody who is made a member by its API.
      return { writes: 1, emails: isMember ? 0 : 1 };
    },
    async note(found, context) {
      const counterpart = counterpartOf(found);
      if (counterpart !== undefined) await notePlanUser(found.member, counterpart, context);
    },
  },

  async change(wanted, context, known) {
    const member = await changeMember(
      context.destination,
      context.target(),
      await membershipOf(wanted, context),
    );
    note(member, known);
    requireShown(wanted.membership, member, 'member');
  },

  many: {
    size: MEMBERS_PER_REQUEST,
    least: 2,
    async create(wanted, context, known) {
      const memberships = await Promise.all(wanted.map(one => membershipOf(one, context)));
      return addInLists(memberships, context, known);
    },
  },
};

/** Which memberships are read. */
function relationsOf({
  entity,
  bulkImport,
}: Pick<PipelineContext, 'entity' | 'bulkImport'>): MemberRelation[] {
  const isProject = entity.sourceType === 'project_entity';
  const relations: MemberRelation[] = ['DIRECT'];
  // Whoever is a member above at the source is one at the destination, too, if the group above came through complete. A
  // verification tells of the group above itself, and once is enough.
  const isAboveTold =
    entity.parent?.isComplete === true || (isVerification({ bulkImport }) && entity.parentId !== null);
  if (!isAboveTold) relations.push('INHERITED');
  if (isProject) {
    // Every version that is supported has these; who comes through a group invited above is inherited otherwise.
    relations.push('INVITED_GROUPS');
    if (!isAboveTold && isAtLeast(bulkImport.sourceVersion, '16.2')) relations.push('SHARED_INTO_ANCESTORS');
  } else if (isAtLeast(bulkImport.sourceVersion, '14.7')) relations.push('SHARED_FROM_GROUPS');
  return relations;
}

/** The membership of one who was found to be somebody at the destination, for where it can be written now. */
async function membershipOf(wanted: Attributes, context: PipelineContext): Promise<Membership> {
  // GitLab takes no members for what is archived.
  if (context.target().kind === 'project') await writableProject(context);
  return { user_id: (await userIdOf(wanted, context)) as number, ...wanted.membership };
}

/** The id of the user at the destination; `null` for nobody. @throws what their look-up has met */
async function userIdOf({ person, sought }: Attributes, context: PipelineContext): Promise<number | null> {
  if (person === undefined) return findSought(context, sought);
  if ('error' in person) throw person.error;
  return person.userId;
}

/** Whether somebody is a member already. */
const isTaken = status(409);

/** Adds a member, or raises the level of one who is a member already. */
async function write(
  wanted: Membership,
  username: string,
  { destination, target }: PipelineContext,
): Promise<Member | Skip> {
  try {
    return await addMember(destination, target(), wanted);
  } catch (error) {
    if (!isTaken(error)) throw explained(error, wanted.access_level, username, target().kind);
    // A member already, perhaps since the look-up: never given less than they have.
    const level = await getEffectiveAccessLevel(destination, target(), wanted.user_id);
    if ((level ?? 0) >= wanted.access_level) return new Skip('has_access');
    return changeMember(destination, target(), wanted);
  }
}

/** A GitLab that does not know a level says only that it is not valid; which versions know which is not asked for. */
function explained(error: unknown, level: number, username: string, kind: 'group' | 'project'): unknown {
  const reason = refusedAttributes(error).get('access_level');
  if (reason === undefined || !/valid value|included in the list/.test(reason)) return error;
  const name = LEVEL_NAMES.get(level);
  return new UnsupportedByDestinationError(
    `The destination GitLab does not ${kind === 'project' ? 'give projects' : 'know'} access level ${level}${name === undefined ? '' : ` (${name})`}: access_level ${reason}. Give '${username}' another level there by hand.`,
  );
}
