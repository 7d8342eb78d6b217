import { differences } from '../engine/shown.ts';
import type { Project } from '../gitlab/api/projects.ts';

/**
 * What a request can set and both GitLabs show, beside the levels of features (`*_access_level`). Some of it the archive
 * leaves out (`lfs_enabled`, CI settings), the rest it carries, and is only looked after.
 */
const ATTRIBUTES = [
  'description',
  'visibility',
  'default_branch',
  'lfs_enabled',
  'request_access_enabled',
  'shared_runners_enabled',
  'group_runners_enabled',
  'enforce_auth_checks_on_uploads',
  'warn_about_potentially_unwanted_characters',
  // Merge requests.
  'merge_method',
  'squash_option',
  'only_allow_merge_if_pipeline_succeeds',
  'allow_merge_on_skipped_pipeline',
  'only_allow_merge_if_all_discussions_are_resolved',
  'resolve_outdated_diff_discussions',
  'remove_source_branch_after_merge',
  'printing_merge_request_link_enabled',
  'autoclose_referenced_issues',
  'suggestion_commit_message',
  'merge_commit_template',
  'squash_commit_template',
  'issue_branch_template',
  // Pipelines.
  'build_git_strategy',
  'build_timeout',
  'auto_cancel_pending_pipelines',
  'ci_config_path',
  'ci_default_git_depth',
  'ci_forward_deployment_enabled',
  'ci_forward_deployment_rollback_allowed',
  'ci_allow_fork_pipelines_to_run_in_parent_project',
  'ci_separated_caches',
  'ci_push_repository_for_job_token_allowed',
  'ci_pipeline_variables_minimum_override_role',
  'ci_delete_pipelines_in_seconds',
  'keep_latest_artifact',
  'resource_group_default_process_mode',
] as const;

/** Attributes that are emptied by an empty text; all others by `null`. */
const TEXTS = new Set(['description', 'ci_config_path']);

/** What a request takes under another name than it is shown. Old versions know `public_jobs` as this only. */
const SENT_AS: Readonly<Record<string, string>> = { public_jobs: 'public_builds' };

/** Attributes by the names under which they are shown. */
export type Attributes = Record<string, unknown>;

/**
 * What of the source's project is other at the destination. What only one of them shows is left out: the other does not
 * have it in its version or edition, or does not show it to the user.
 */
export function differingAttributes(here: Project, there: Project): Attributes {
  const [wanted, found] = [shownOf(here), shownOf(there)];
  const both = Object.entries(wanted).filter(([name]) => name in found);
  return Object.fromEntries(both.filter(([name, value]) => differs({ [name]: value }, found)));
}

/** What the response of a write shows otherwise than asked, in words, by name. */
export function notAsAsked(asked: Attributes, shown: Project): Map<string, string> {
  return differences(asked, shownOf(shown));
}

/** The attributes as a request takes them. */
export function requestOf(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      SENT_AS[name] ?? name,
      value ?? (TEXTS.has(name) ? '' : null),
    ]),
  );
}

/** The name under which an attribute is shown, from one in a refusal. */
export function shownName(sent: string): string {
  return Object.keys(SENT_AS).find(name => SENT_AS[name] === sent) ?? sent;
}

const differs = (wanted: Attributes, found: Attributes) => differences(wanted, found).size > 0;

/** What is compared of a project, by name. */
function shownOf(project: Project): Attributes {
  const all = Object.entries(project).filter(
    ([name, value]) => value !== undefined && (isCompared(name) || isLevel(name, value)),
  );
  const emails =
    project.emails_enabled ?? (project.emails_disabled == null ? null : !project.emails_disabled);
  return {
    ...Object.fromEntries(all),
    // A repository in which there is nothing shows a branch that it does not have.
    default_branch: project.empty_repo === true ? undefined : (project.default_branch ?? undefined),
    // All versions take this one; the other they ignore before 16.5.
    ...(emails !== null && { emails_disabled: !emails }),
    ...(project.topics != null && { topics: [...project.topics].sort() }),
  };
}

const COMPARED = new Set<string>([...ATTRIBUTES, ...Object.keys(SENT_AS)]);
const isCompared = (name: string) => COMPARED.has(name);
const isLevel = (name: string, value: unknown) => name.endsWith('_access_level') && typeof value === 'string';
