import { findByFullPath, getSourceGroup, type SourceGroup } from '../gitlab/api/group-query.ts';
import {
  createGroup,
  type Group,
  type GroupAttributes,
  getGroup,
  isPathTaken,
  type Visibility,
} from '../gitlab/api/groups.ts';
import {
  GroupCreationError,
  MigrationError,
  NetworkError,
  TemporaryError,
  TokenRejectedError,
} from '../shared/errors.ts';
import { claimFullPath, setDestinationGroup } from '../store/entities.ts';
import { lowerVisibility, normalizeSlug, numbered, visibilityWithin } from './group-rules.ts';
import { onlyPage, type Pipeline, type PipelineContext, present } from './pipeline.ts';
import { pipelineHandler } from './runner.ts';

/** The group that the new one goes into; `null` at the top level. */
type Parent = Group | null;

/** How many `_1`, `_2`, … are tried before a name or path counts as taken for good. */
const MOST_SUFFIXES = 100;

/** The group itself. When it cannot be made, the entity fails. */
export const group: Pipeline<SourceGroup, GroupAttributes, Parent> = {
  name: 'group',
  parallel: 1,

  async extract({ entity, source }) {
    const found = await getSourceGroup(source, entity.sourceFullPath);
    if (found !== undefined) return onlyPage([found]);
    throw new MigrationError(
      "The group does not exist at the source any more, or the source token's user cannot see it.",
    );
  },

  async prepare({ destination, entity }) {
    if (entity.destinationNamespace === '') return null;
    const found = await findByFullPath(destination, 'group', entity.destinationNamespace);
    if (found !== undefined) return getGroup(destination, found.id);
    throw new GroupCreationError(
      "Destination is not a group: the parent does not exist any more, or the destination token's user cannot see it.",
    );
  },

  nameOf: ({ id, name }) => ({ key: String(id), title: name }),

  transform(source, { entity }) {
    return {
      name: source.name,
      path: normalizeSlug(entity.destinationSlug),
      ...present({
        description: source.description,
        visibility: source.visibility as Visibility,
        emails_enabled: typeof source.emailsDisabled === 'boolean' ? !source.emailsDisabled : undefined,
        lfs_enabled: source.lfsEnabled,
        mentions_disabled: source.mentionsDisabled,
        project_creation_level: source.projectCreationLevel,
        request_access_enabled: source.requestAccessEnabled,
        require_two_factor_authentication: source.requireTwoFactorAuthentication,
        share_with_group_lock: source.shareWithGroupLock,
        subgroup_creation_level: source.subgroupCreationLevel,
        two_factor_grace_period: source.twoFactorGracePeriod,
      }),
    };
  },

  async load(attributes, context, parent) {
    const { entity } = context;
    if (entity.namespaceId !== null) return 'imported';
    const { id, fullPath } = (await findClaimed(context)) ?? (await create(attributes, context, parent));
    await setDestinationGroup(entity, { id, fullPath });
    return 'imported';
  },
};

/** The group that an earlier run was about to create: its path was free, so what stands there now is ours. */
async function findClaimed({ destination, entity }: PipelineContext): ReturnType<typeof findByFullPath> {
  if (entity.claimedFullPath === null) return undefined;
  return findByFullPath(destination, 'group', entity.claimedFullPath);
}

/** Creates the group, with another name, path or visibility where the destination insists on one. */
async function create(
  wanted: GroupAttributes,
  context: PipelineContext,
  parent: Parent,
): Promise<{ id: number; fullPath: string }> {
  const { destination, entity } = context;
  const { visibility: sourceVisibility, ...others } = wanted;
  let visibility = visibilityWithin(sourceVisibility, parent?.visibility);
  let pathSuffix = 0;
  let nameSuffix = 0;
  for (;;) {
    const path = numbered(wanted.path, '_', pathSuffix);
    if (await isPathTaken(destination, path, parent?.id)) {
      const ours = await findClaimed(context);
      if (ours !== undefined) return ours;
      pathSuffix = nextSuffix(pathSuffix, parent);
      continue;
    }
    // Written before the request: if its answer is lost, the next run knows whose group it finds.
    await claimFullPath(entity, parent === null ? path : `${parent.full_path}/${path}`);
    try {
      const created = await createGroup(destination, {
        ...others,
        path,
        name: numbered(wanted.name, '_', nameSuffix),
        ...(parent !== null && { parent_id: parent.id }),
        ...(visibility !== undefined && { visibility }),
      });
      return { id: created.id, fullPath: created.full_path };
    } catch (error) {
      const conflict = conflictOf(error);
      // A request of an earlier run that was given up, or of a run that still lives, has arrived in the meantime.
      const ours = conflict.path || conflict.name ? await findClaimed(context) : undefined;
      if (ours !== undefined) return ours;
      // Nothing was created: a group that stands there later is somebody else's.
      if (isRefusal(error)) await claimFullPath(entity, null);
      if (conflict.path) pathSuffix = nextSuffix(pathSuffix, parent);
      if (conflict.name) nameSuffix = nextSuffix(nameSuffix, parent);
      if (conflict.path || conflict.name) continue;
      const lower = conflict.visibility ? lowerVisibility(visibility) : undefined;
      if (lower === undefined) throw asCreationError(error);
      visibility = lower;
    }
  }
}

/** Whether the destination has said that it did not create the group; after a 5xx or a lost answer it may have. */
function isRefusal(error: unknown): boolean {
  return error instanceof NetworkError && (!(error instanceof TemporaryError) || error.status === 429);
}

/** Inside a parent a group that is in the way is evaded; at the top level it is not. */
function nextSuffix(suffix: number, parent: Parent): number {
  if (parent !== null && suffix < MOST_SUFFIXES) return suffix + 1;
  throw new GroupCreationError(
    'Group exists: another group or user took this path after the import was started. Start an import with another destination.',
  );
}

/**
 * What GitLab has against the group. Its message is a Ruby hash in a string, in two spellings by Ruby's version
 * (`{:path=>["has already been taken"]}` and `{path: ["has already been taken"]}`), so parts of it are matched.
 */
function conflictOf(error: unknown): { path: boolean; name: boolean; visibility: boolean } {
  const reason = error instanceof NetworkError && error.status === 400 ? error.reason : '';
  return {
    path: /\bpath\b[^\]]*already been taken/.test(reason),
    name: /\bname\b[^\]]*already been taken/.test(reason),
    visibility: /visibility/.test(reason),
  };
}

function asCreationError(error: unknown): unknown {
  const passes = error instanceof TemporaryError || error instanceof TokenRejectedError;
  if (!(error instanceof NetworkError) || passes) return error;
  const reason = error.status === 403 ? `User not allowed to create group. ${error.message}` : error.message;
  return new GroupCreationError(reason, { cause: error });
}

export const handler = pipelineHandler(group);
