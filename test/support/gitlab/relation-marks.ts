import type { SampleGitLab, SampleRequest } from '../../../lib/gitlab-simulator/sample-gitlab.ts';

/** What is in a request for a relation, and in none for another: to the source, and to write at the destination. */
const MARKS: Record<string, { read?: RegExp; write?: RegExp }> = {
  members: { read: /\/groups\S*\/members|groupMembers\(/, write: /POST \S*\/members / },
  labels: {
    read: /\/groups\S*\/labels|onlyGroupLabels/,
    write: /labelCreate|POST \S*\/groups\S*\/labels /,
  },
  milestones: { read: /\/groups\S*\/milestones|group\(.*\bmilestones\(/, write: /POST \S*\/milestones / },
  badges: { read: /\/badges/, write: /POST \S*\/badges / },
  wikis: { read: /\/groups\S*\/wikis|epicsEnabled/, write: /POST \S*\/wikis / },
  boards: { read: /\/groups\S*\/boards|group\(.*\bboards\(/, write: /(b|B)oard\w*(C|c)reate|createBoard/ },
  uploads: { read: /\/avatar/, write: /PUT .*avatar/ },
  projects: { read: /\/projects\b|group\(.*\bprojects\(/, write: /POST \S*\/projects\b/ },
  namespace_settings: { write: /PUT .*prevent_sharing_groups_outside_hierarchy/ },
  group_attributes: { write: /PUT .*membership_lock/ },
  project_attributes: { write: /PUT \S*\/projects\/\d+ / },
};

/** Requests with their bodies, each in one text; of documents of GraphQL those that read, or those that write. */
const textsOf = (gitlab: SampleGitLab, isWanted: (isWrite: boolean) => boolean) =>
  gitlab.requests
    .filter(request => isWanted(isWrite(request)))
    .map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body ?? {})}`);

function isWrite({ method, path, body }: SampleRequest): boolean {
  if (path !== '/api/graphql') return method !== 'GET';
  return String((body as { query?: string }).query).startsWith('mutation');
}

/** By the names that can be excluded. */
export const MARKED_RELATIONS = Object.keys(MARKS);

/** Which relations were read at a source, or written at a destination, by the requests that both got. */
export function metRelations({
  source,
  destination,
}: Record<'source' | 'destination', SampleGitLab>): string[] {
  const reads = textsOf(source, () => true);
  const writes = textsOf(destination, isWrite => isWrite);
  const met = Object.entries(MARKS).filter(
    ([, { read, write }]) =>
      (read && reads.some(text => read.test(text))) || (write && writes.some(text => write.test(text))),
  );
  return met.map(([name]) => name);
}
