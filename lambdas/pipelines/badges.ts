import { collection } from '../engine/collection.ts';
import { present } from '../engine/relation.ts';
import {
  allBadges,
  type Badge,
  type BadgeAttributes,
  createBadge,
  listBadges,
} from '../gitlab/api/badges.ts';

/** Badges of the group, with the placeholders in their URLs as they are. */
export const badges = collection<Badge, BadgeAttributes, Badge>({
  name: 'badges',
  pipelineClass: 'BulkImports::Common::Pipelines::BadgesPipeline',
  relation: 'badges',
  what: 'badge',
  read: (source, { id }, cursor) => listBadges(source, id, cursor),
  existing: allBadges,
  // GitLab accepts the same badge twice, so name, link and image together are the key. Exact twins become one badge.
  keyOf: ({ name, link_url, image_url }) => JSON.stringify([name ?? '', link_url, image_url]),
  nameOf: badge => ({ key: String(badge.id), title: badge.name ?? badge.image_url }),
  want: ({ name, link_url, image_url }) => ({ link_url, image_url, ...present({ name }) }),
  create: createBadge,
  isTakenTwice: true,
});
