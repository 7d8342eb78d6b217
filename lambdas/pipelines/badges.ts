import { present, type Relation } from '../engine/relation.ts';
import { requireShown } from '../engine/shown.ts';
import {
  allBadges,
  type Badge,
  type BadgeAttributes,
  createBadge,
  listBadges,
  removeBadge,
} from '../gitlab/api/badges.ts';

/** GitLab accepts the same badge twice, so name, link and image together are the key. Exact twins become one badge. */
const keyOf = (badge: Pick<Badge, 'name' | 'link_url' | 'image_url'>) =>
  JSON.stringify([badge.name ?? '', badge.link_url, badge.image_url]);

/** Badges of the group, with the placeholders in their URLs as they are. */
export const badges: Relation<Badge, BadgeAttributes, Set<string>> = {
  name: 'badges',
  pipelineClass: 'BulkImports::Common::Pipelines::BadgesPipeline',
  relation: 'badges',
  // One by one: of twins in one page only the first may be created.
  parallel: 1,

  read: ({ entity, source }, cursor) => listBadges(source, entity.sourceId, cursor),

  async existing(context) {
    return new Set((await allBadges(context.destination, context.target().id)).map(keyOf));
  },

  nameOf: badge => ({ key: String(badge.id), title: badge.name ?? badge.image_url }),

  want: ({ name, link_url, image_url }) => ({ link_url, image_url, ...present({ name }) }),

  async load(badge, context, existing) {
    const key = keyOf(badge);
    if (!existing.has(key)) {
      const create = () => createBadge(context.destination, context.target().id, badge);
      const created = await (context.sent?.send(key, create) ?? create());
      existing.add(key);
      requireShown({ ...badge }, created, 'badge');
    }
    context.sent?.settle(key);
    return 'imported';
  },

  async removeTwins(context, isRepeated) {
    // Only in a group that a request of ours has made: nobody else's badges are in it.
    if (context.entity.destinationCreatedAt === null) return;
    const seen = new Set<string>();
    const all = await allBadges(context.destination, context.target().id);
    for (const badge of all.sort((a, b) => a.id - b.id)) {
      const key = keyOf(badge);
      if (seen.has(key) && isRepeated(key))
        await removeBadge(context.destination, context.target().id, badge.id);
      seen.add(key);
    }
  },
};
