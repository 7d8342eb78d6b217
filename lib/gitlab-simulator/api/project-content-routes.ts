import { type ApiAnswer, forbidden, json, notFound } from '../answer.ts';
import { PROJECT_LISTS } from '../declarations/project-lists.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { canUse, requireRole } from '../permissions.ts';
import type { FeatureAccess, SampleProject } from '../project-model.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { compare } from './group-lists.ts';
import { canReadCode } from './project-entity.ts';
import {
  presentPipeline,
  presentRef,
  presentRelease,
  presentSnippet,
  presentVariable,
} from './project-list-entities.ts';
import { projectOf } from './project-of.ts';

const PROTECTED_FOR = [{ access_level: ACCESS_LEVELS.maintainer, access_level_description: 'Maintainers' }];

/** Lists of what is in the repository, and of what belongs to running and delivering it. */
export const PROJECT_CONTENT_ROUTES: readonly Route[] = [
  route(PROJECT_LISTS.branches, getBranches),
  route(PROJECT_LISTS.tags, getTags),
  route(PROJECT_LISTS.releases, getReleases),
  route(PROJECT_LISTS.pipelines, getPipelines),
  route(PROJECT_LISTS.snippets, getSnippets),
  route(PROJECT_LISTS.wikis, getWikiPages),
  route(PROJECT_LISTS.protectedBranches, getProtectedBranches),
  route(PROJECT_LISTS.protectedTags, getProtectedTags),
  route(PROJECT_LISTS.variables, getVariables),
  route(PROJECT_LISTS.hooks, getHooks),
];

function getBranches(call: CallOf<typeof PROJECT_LISTS.branches>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { project } = projectOf(call);
  if (!mayUse(call, project, project.settings.repositoryAccessLevel)) throw notFound('Repository');
  if (!canReadCode(instance, currentUser, project)) throw forbidden();
  const found = project.branches.filter(({ name }) => name.includes(params.search ?? ''));
  found.sort((a, b) => compare(a.name, b.name));
  return paginated(call, found, branch => ({
    ...presentRef(branch),
    default: branch.name === project.defaultBranch,
    protected: project.protectedBranches.includes(branch.name),
  }));
}

function getTags(call: CallOf<typeof PROJECT_LISTS.tags>): ApiAnswer {
  const { project } = projectOf(call);
  if (!canReadCode(call.instance, call.currentUser, project)) throw forbidden();
  const found = project.tags.filter(({ name }) => name.includes(call.params.search ?? ''));
  found.sort((a, b) => compare(a.name, b.name));
  if (call.params.sort !== 'asc') found.reverse();
  return paginated(call, found, presentRef);
}

function getReleases(call: CallOf<typeof PROJECT_LISTS.releases>): ApiAnswer {
  const { project } = projectOf(call);
  const releases = [...project.releases];
  if (call.params.sort !== 'asc') releases.reverse();
  return paginated(call, releases, release => presentRelease(project, release));
}

/** CI that is off does not hide the pipelines of the past; a repository that is off does. */
function getPipelines(call: CallOf<typeof PROJECT_LISTS.pipelines>): ApiAnswer {
  const { params } = call;
  const { project } = projectOf(call);
  if (!mayUse(call, project, project.settings.repositoryAccessLevel)) throw forbidden();
  const found = project.pipelines
    .filter(({ status }) => (params.status ?? status) === status)
    .filter(({ ref }) => (params.ref ?? ref) === ref)
    .filter(({ sha }) => (params.sha ?? sha) === sha)
    .sort((a, b) => a.id - b.id);
  if (params.sort !== 'asc') found.reverse();
  return paginated(call, found, pipeline => presentPipeline(call.instance, project, pipeline));
}

function getSnippets(call: CallOf<typeof PROJECT_LISTS.snippets>): ApiAnswer {
  const { project } = projectOf(call);
  if (!mayUse(call, project, project.settings.snippetsAccessLevel)) throw forbidden();
  return paginated(call, project.snippets, snippet => presentSnippet(project, snippet));
}

function getWikiPages(call: CallOf<typeof PROJECT_LISTS.wikis>): ApiAnswer {
  const { project } = projectOf(call);
  if (!mayUse(call, project, project.settings.wikiAccessLevel)) throw forbidden();
  const pages = project.wikiPages.map(({ path, bytes }) => {
    const slug = path.replace(/\.[^./]+$/, '');
    const title = slug.slice(slug.lastIndexOf('/') + 1).replaceAll('-', ' ');
    return {
      format: 'markdown',
      slug,
      title,
      ...(call.params.with_content && { content: bytes.toString(), encoding: 'UTF-8' }),
    };
  });
  return json(200, pages);
}

function getProtectedBranches(call: CallOf<typeof PROJECT_LISTS.protectedBranches>): ApiAnswer {
  const names = administered(call).protectedBranches;
  const found = names.filter(name => name.includes(call.params.search ?? ''));
  return paginated(call, found, name => ({
    id: names.indexOf(name) + 1,
    name,
    push_access_levels: PROTECTED_FOR,
    merge_access_levels: PROTECTED_FOR,
    allow_force_push: false,
  }));
}

function getProtectedTags(call: CallOf<typeof PROJECT_LISTS.protectedTags>): ApiAnswer {
  const names = administered(call).protectedTags;
  return paginated(call, names, name => ({ name, create_access_levels: PROTECTED_FOR }));
}

function getVariables(call: CallOf<typeof PROJECT_LISTS.variables>): ApiAnswer {
  const project = administered(call);
  if (!mayUse(call, project, project.settings.buildsAccessLevel)) throw forbidden();
  return paginated(call, project.variables, presentVariable);
}

function getHooks(call: CallOf<typeof PROJECT_LISTS.hooks>): ApiAnswer {
  const project = administered(call);
  return paginated(call, project.hooks, url => ({
    id: project.hooks.indexOf(url) + 1,
    url,
    project_id: project.id,
    push_events: true,
    enable_ssl_verification: true,
    created_at: project.createdAt,
  }));
}

/** The project, for its Maintainers only. */
function administered(call: ApiCall<{ readonly id: string }>): SampleProject {
  const { project } = projectOf(call);
  requireRole(call.instance, call.currentUser, project, ACCESS_LEVELS.maintainer);
  return project;
}

function mayUse({ instance, currentUser }: ApiCall, project: SampleProject, access: FeatureAccess): boolean {
  return canUse(instance, currentUser, project, access);
}
