import {
  allBadges,
  type Badge,
  type BadgeAttributes,
  createBadge,
  listBadges,
} from '../gitlab/api/badges.ts';
import { type Pipeline, present } from './pipeline.ts';
import { pipelineHandler } from './pipeline-handler.ts';
import { requireShown } from './shown.ts';

/** GitLab accepts the same badge twice, so name, link and image together are the key. Exact twins become one badge. */
const keyOf = (badge: Pick<Badge, 'name' | 'link_url' | 'image_url'>) =>
  JSON.stringify([badge.name ?? '', badge.link_url, badge.image_url]);

/** Badges of the group, with the placeholders in their URLs as they are. */
export const badges: Pipeline<Badge, BadgeAttributes, Set<string>> = {
  name: 'badges',
  // One by one: of twins in one page only the first may be created.
  parallel: 1,

  extract: ({ entity, source }, cursor) => listBadges(source, entity.sourceId, cursor),

  async prepare(context) {
    return new Set((await allBadges(context.destination, context.groupId())).map(keyOf));
  },

  nameOf: badge => ({ key: String(badge.id), title: badge.name ?? badge.image_url }),

  transform: ({ name, link_url, image_url }) => ({ link_url, image_url, ...present({ name }) }),

  async load(badge, context, existing) {
    if (existing.has(keyOf(badge))) return 'imported';
    const created = await createBadge(context.destination, context.groupId(), badge);
    existing.add(keyOf(badge));
    requireShown({ ...badge }, created, 'badge');
    return 'imported';
  },
};

export const handler = pipelineHandler(badges);
