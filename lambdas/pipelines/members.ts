import { listSourceMembers, type MemberRelation, type SourceMember } from '../gitlab/api/group-query.ts';
import {
  ACCESS_LEVELS,
  addMember,
  allDirectMembers,
  allEffectiveMembers,
  changeMember,
  getEffectiveAccessLevel,
  type Membership,
} from '../gitlab/api/members.ts';
import { findUserByEmail } from '../gitlab/api/users.ts';
import { NetworkError } from '../shared/errors.ts';
import { type Pipeline, present, Skip } from './pipeline.ts';
import { pipelineHandler } from './runner.ts';
import { isAtLeast } from './stages.ts';

interface Attributes {
  email: string;
  membership: Omit<Membership, 'user_id'>;
}

/** Who has access to the destination's group, by user id. */
interface Memberships {
  /** The highest level that they have, through whatever way. */
  levels: Map<number, number>;
  /** The level of those who are members of the group itself. */
  direct: Map<number, number>;
}

/**
 * Memberships, by GitLab's rule from before placeholder users: a member counts if their public e-mail address at the
 * source is an address of a user at the destination. Left out, and counted as skipped: members without a public
 * address, without a user at the destination, the importing user, and those whose access there is as high already.
 */
export const members: Pipeline<SourceMember, Attributes, Memberships> = {
  name: 'members',
  parallel: 4,

  extract({ entity, record, source }, cursor) {
    const relations: MemberRelation[] = ['DIRECT', 'INHERITED'];
    if (isAtLeast(record.sourceVersion, '14.7')) relations.push('SHARED_FROM_GROUPS');
    return listSourceMembers(source, entity.sourceFullPath, relations, cursor);
  },

  async prepare(context) {
    const groupId = context.groupId();
    const [effective, direct] = await Promise.all([
      allEffectiveMembers(context.destination, groupId),
      allDirectMembers(context.destination, groupId),
    ]);
    const levels = new Map<number, number>();
    for (const { id, access_level } of effective) levels.set(id, Math.max(access_level, levels.get(id) ?? 0));
    return { levels, direct: new Map(direct.map(({ id, access_level }) => [id, access_level])) };
  },

  nameOf: ({ user }) => ({ key: String(user?.id ?? 'invitation'), title: user?.name ?? null }),

  transform({ accessLevel, expiresAt, user }) {
    const level = accessLevel?.integerValue;
    if (!user) return new Skip('invitation');
    if (!user.publicEmail) return new Skip('no_public_email');
    if (!level || !ACCESS_LEVELS.includes(level)) return new Skip('no_access');
    return {
      email: user.publicEmail,
      membership: {
        access_level: level,
        ...present({ expires_at: expiresAt?.slice(0, 'YYYY-MM-DD'.length) }),
      },
    };
  },

  async load({ email, membership }, context, { levels, direct }) {
    const { destination, entity } = context;
    const user = await findUserByEmail(destination, email);
    if (user === undefined) return new Skip('no_user');
    if (user.id === entity.userId) return new Skip('importing_user');
    // The very membership is there: an earlier run has made it.
    if (direct.get(user.id) === membership.access_level) return 'imported';
    if ((levels.get(user.id) ?? 0) >= membership.access_level) return new Skip('has_access');
    const wanted = { user_id: user.id, ...membership };
    try {
      await addMember(destination, context.groupId(), wanted);
    } catch (error) {
      if (!(error instanceof NetworkError && error.status === 409)) throw error;
      // A member already, perhaps since the look-up: never given less than they have.
      const level = await getEffectiveAccessLevel(destination, context.groupId(), user.id);
      if ((level ?? 0) >= membership.access_level) return new Skip('has_access');
      await changeMember(destination, context.groupId(), wanted);
    }
    levels.set(user.id, membership.access_level);
    direct.set(user.id, membership.access_level);
    return 'imported';
  },
};

export const handler = pipelineHandler(members);
