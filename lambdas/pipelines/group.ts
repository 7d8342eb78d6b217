import { GroupCreationError } from '../domain/errors.ts';
import { onlyPage, present, type Relation } from '../engine/relation.ts';
import type { SourceGroup } from '../gitlab/api/group-query.ts';
import type { GroupAttributes, Visibility } from '../gitlab/api/groups.ts';
import { getCurrentUser } from '../gitlab/api/users.ts';
import type { GitLabClient } from '../gitlab/client.ts';
import { recordDifferences } from './attribute-failures.ts';
import { checkGroup } from './earlier-target.ts';
import { readSourceGroup } from './group-at-source.ts';
import { GroupClaim } from './group-claim.ts';
import { GroupCreation, type Parent } from './group-creation.ts';
import { differencesOfGroup } from './group-differences.ts';
import { pathFor } from './group-rules.ts';
import { recordLeftOutBelow } from './left-out.ts';
import { findParent } from './parent-group.ts';
import { outlookOfGroup } from './planned-group.ts';
import { isSetAfterProjects } from './project-creation-level.ts';

/** The group itself. When it cannot be made, the entity fails, and the groups below it are accounted for. */
export const group: Relation<SourceGroup, GroupAttributes, Parent> = {
  name: 'group',
  pipelineClass: 'BulkImports::Groups::Pipelines::GroupPipeline',
  relation: 'group',
  abortOnFailure: true,
  inRetries: 'check',
  parallel: 1,

  part: { page: ({ attributes }) => onlyPage([attributes]) },

  read: async context => onlyPage([await readSourceGroup(context)]),

  existing: context => findParent(context),
  checkAgain: checkGroup,

  nameOf: ({ id, name }) => ({ key: String(id), title: name }),
  isAbout: () => true,

  want(source, { entity }) {
    return {
      name: source.name,
      path: pathFor(entity.destinationSlug, source),
      ...present({
        description: source.description,
        visibility: source.visibility as Visibility,
        emails_disabled: source.emailsDisabled,
        lfs_enabled: source.lfsEnabled,
        mentions_disabled: source.mentionsDisabled,
        project_creation_level: isSetAfterProjects(source.projectCreationLevel, { entity })
          ? undefined
          : source.projectCreationLevel,
        request_access_enabled: source.requestAccessEnabled,
        require_two_factor_authentication: source.requireTwoFactorAuthentication,
        share_with_group_lock: source.shareWithGroupLock,
        subgroup_creation_level: source.subgroupCreationLevel,
        two_factor_grace_period: source.twoFactorGracePeriod,
      }),
    };
  },

  async decide(attributes, _, { entity, destination }) {
    if (entity.namespaceId !== null) return 'keep';
    if (attributes.require_two_factor_authentication === true) await requireTwoFactor(destination);
    return 'create';
  },

  async create(attributes, context, parent) {
    const claim = new GroupClaim(context);
    const { group, asked } = await new GroupCreation(context, claim, attributes, parent).run();
    // Before it is settled: after that no run comes here again.
    await recordDifferences(context, attributes.name, asked, group);
    await claim.settle(group);
  },

  planned: { outlook: (attributes, _, context, parent) => outlookOfGroup(attributes, context, parent) },

  differences: (_, wanted, context) => differencesOfGroup(wanted, context),

  async onAbort(context, isWaitedFor) {
    // Below a group that is there, an earlier attempt has made entities.
    if (context.entity.namespaceId === null) await recordLeftOutBelow(context, isWaitedFor);
  },
};

/** Refuses what GitLab refuses from 16.4 on: a group that demands more of its members than the importing user has. */
async function requireTwoFactor(destination: GitLabClient): Promise<void> {
  if ((await getCurrentUser(destination)).two_factor_enabled !== false) return;
  throw new GroupCreationError(
    "User requires Two-Factor Authentication, which the group demands of its members. Enable it for the destination token's user, and import again.",
  );
}
