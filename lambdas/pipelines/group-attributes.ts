import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { onlyPage, type Relation } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import { getGroup, updateGroup } from '../gitlab/api/groups.ts';

interface Attributes {
  membership_lock: boolean;
}

const NO_LOCK =
  'The destination ignored membership_lock, which needs GitLab Premium or Ultimate. Without it anyone who may add members to projects can do so.';

/** `membership_lock`, the one attribute that GitLab moves after the group. Only the Enterprise Edition shows it. */
export const groupAttributes: Relation<Attributes, Attributes, undefined> = {
  name: 'group_attributes',
  pipelineClass: 'BulkImports::Groups::Pipelines::GroupAttributesPipeline',
  relation: 'self',
  parallel: 1,

  async read({ entity, source }) {
    const { membership_lock } = await getGroup(source, entity.sourceId);
    return onlyPage(typeof membership_lock === 'boolean' ? [{ membership_lock }] : []);
  },

  existing: async () => undefined,

  nameOf: () => ({ key: 'membership_lock', title: 'membership_lock' }),

  want: attributes => attributes,

  async load(wanted, context) {
    const { destination } = context;
    const group = await getGroup(destination, context.target().id);
    if (differences({ ...wanted }, group).size === 0) return 'imported';
    // A Community Edition does not show it, and would ignore it.
    if (group.membership_lock === undefined) throw new UnsupportedByDestinationError(NO_LOCK);
    const changed = await updateGroup(destination, context.target().id, { json: { ...wanted } });
    if (differences({ ...wanted }, changed).size > 0) throw new UnsupportedByDestinationError(NO_LOCK);
    return 'imported';
  },
};
