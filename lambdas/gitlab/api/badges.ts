import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { list } from '../schemas.ts';

const badgeSchema = z.object({
  id: z.int(),
  name: z.optional(z.nullable(z.string())),
  /** With its placeholders (`%{project_path}`) as they were written; the rendered form is not moved. */
  link_url: z.string(),
  image_url: z.string(),
});
export type Badge = z.infer<typeof badgeSchema>;

const badgesOf = (groupId: number) => ({
  operation: 'list the badges',
  path: `/groups/${groupId}/badges`,
  schema: list(badgeSchema),
});

/** One page of a group's badges. */
export function listBadges(
  client: GitLabClient,
  groupId: number,
  cursor: string | null,
): Promise<Page<Badge>> {
  return client.page(badgesOf(groupId), cursor);
}

/** All badges of a group. */
export function allBadges(client: GitLabClient, groupId: number): Promise<Badge[]> {
  return client.all(badgesOf(groupId));
}

export interface BadgeAttributes {
  name?: string;
  link_url: string;
  image_url: string;
}

/** Creates a badge. GitLab makes a second one of the same kind without complaint. */
export function createBadge(client: GitLabClient, groupId: number, badge: BadgeAttributes): Promise<Badge> {
  return client.write({
    operation: 'create the badge',
    method: 'POST',
    change: { kind: 'create', target: 'Badge', title: badge.name ?? badge.image_url },
    path: `/groups/${groupId}/badges`,
    json: { ...badge },
    schema: badgeSchema,
  });
}
