import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import type { GitLabClient } from '../client.ts';
import { list } from '../schemas.ts';

const pageSchema = z.object({
  /** Path of the page's file without its ending, with directories: `guides/first-steps`. No two pages have the same. */
  slug: z.string(),
  format: z.string(),
  content: z.string(),
  /** What heads the page's file, apart from its content; a `title` in it is shown instead of the file's name. */
  front_matter: z.optional(z.nullable(z.looseObject({}))),
});
export type WikiPage = z.infer<typeof pageSchema>;

/**
 * All pages of a group's wiki. GitLab has no parameters by which to read them in parts, and sends all that there are: what
 * bounds them is the size of the response.
 *
 * @throws ResponseTooLargeError when there is more than is read at once
 */
export function listWikiPages(client: GitLabClient, groupId: number): Promise<WikiPage[]> {
  return client.rest({
    operation: 'list the wiki pages',
    path: `/groups/${groupId}/wikis`,
    query: { with_content: true },
    schema: list(pageSchema, LIST.records()),
  });
}

/** How many pages a group's wiki has. */
export async function countWikiPages(client: GitLabClient, groupId: number): Promise<number> {
  const pages = await client.rest({
    operation: 'count the wiki pages',
    path: `/groups/${groupId}/wikis`,
    schema: list(z.object({ slug: z.string() }), LIST.records()),
  });
  return pages.length;
}

export interface WikiPageAttributes {
  slug: string;
  format: string;
  content: string;
  front_matter?: Record<string, unknown>;
}

/**
 * Creates a page. GitLab makes its slug of a title that may have directories, and its title of the last part of the
 * slug, so the slug as title makes a page of the same slug and title.
 */
export function createWikiPage(
  client: GitLabClient,
  groupId: number,
  { slug, ...attributes }: WikiPageAttributes,
): Promise<WikiPage> {
  return client.write({
    operation: 'create the wiki page',
    method: 'POST',
    change: { kind: 'create', target: 'WikiPage', title: slug },
    path: `/groups/${groupId}/wikis`,
    json: { title: slug, ...attributes },
    schema: pageSchema,
  });
}

/** Changes a page's content and format. Without a title, it stays where it is. */
export function updateWikiPage(
  client: GitLabClient,
  groupId: number,
  { slug, ...attributes }: WikiPageAttributes,
): Promise<WikiPage> {
  return client.write({
    operation: 'change the wiki page',
    method: 'PUT',
    change: { kind: 'change', target: 'WikiPage', title: slug, fields: Object.keys(attributes) },
    path: `/groups/${groupId}/wikis/${encodeURIComponent(slug)}`,
    json: { ...attributes },
    schema: pageSchema,
  });
}
