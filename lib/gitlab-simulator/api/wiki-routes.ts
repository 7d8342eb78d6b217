import { type ApiAnswer, forbidden, json, notFound, refuse } from '../answer.ts';
import { WIKIS } from '../declarations/wikis.ts';
import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleWikiPage } from '../model.ts';
import { requireRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { ValidationErrors } from '../validation-errors.ts';
import { groupOf } from './group-of.ts';

export const WIKI_ROUTES: readonly Route[] = [
  route(WIKIS.list, getPages),
  route(WIKIS.create, postPage),
  route(WIKIS.change, putPage),
];

function getPages(call: CallOf<typeof WIKIS.list>): ApiAnswer {
  const { wikis } = groupOf(call);
  requireLicense(call.instance);
  const pages = wikis.map(present);
  return json(200, call.params.with_content ? pages : pages.map(({ content: _, ...basic }) => basic));
}

function postPage(call: CallOf<typeof WIKIS.create>): ApiAnswer {
  const group = groupOf(call);
  const { title, content, format, front_matter: frontMatter } = call.params;
  requireLicense(call.instance);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.developer);
  const slug = slugOf(title);
  const errors = new ValidationErrors();
  if (slug === '') errors.add('title', "can't be blank");
  if (content.trim() === '') errors.add('content', "can't be blank");
  if (errors.any) throw refuse(400, errors);
  if (group.wikis.some(page => page.slug === slug)) {
    throw refuse(400, { base: ['Duplicate page: A page with that title already exists'] });
  }
  const page = { slug, content, format: format ?? 'markdown', frontMatter: frontMatter ?? {} };
  group.wikis.push(page);
  return json(201, present(page));
}

function putPage(call: CallOf<typeof WIKIS.change>): ApiAnswer {
  const group = groupOf(call);
  const { slug, title, content, format, front_matter: frontMatter } = call.params;
  requireLicense(call.instance);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.developer);
  const page = group.wikis.find(one => one.slug === slug);
  if (page === undefined) throw notFound('Wiki Page');
  page.slug = slugOf(title ?? slug);
  page.content = content ?? page.content;
  page.format = format ?? page.format;
  page.frontMatter = frontMatter ?? page.frontMatter;
  return json(200, present(page));
}

/** Without a licence nobody may read or write them. */
function requireLicense(instance: GitLabInstance): void {
  if (!instance.premium) throw forbidden();
}

/** GitLab writes hyphens for spaces, and resolves `.` and `..` as in a path. */
function slugOf(title: string): string {
  const parts: string[] = [];
  for (const part of title.trim().split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/').replaceAll(' ', '-');
}

function present({ slug, content, format, frontMatter }: SampleWikiPage) {
  const name = slug.slice(slug.lastIndexOf('/') + 1);
  return {
    format,
    slug,
    title: name.replaceAll('-', ' '),
    front_matter: frontMatter,
    content,
    encoding: 'UTF-8',
  };
}
