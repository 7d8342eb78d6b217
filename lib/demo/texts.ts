import type { EntityAnswer, PlanAnswer, VerificationAnswer } from './api-client.ts';
import { type Comparison, isExact } from './comparison.ts';
import type { StagedMishaps } from './mishaps.ts';
import { plural } from './progress.ts';
import type { FailureGroup, RelationTotals } from './report.ts';
import { DESTINATION_TOKEN, SOURCE_TOKEN } from './sample-people.ts';
import { SAMPLE_ROOT } from './sample-source.ts';

export interface Urls {
  source: string;
  destination: string;
  service: string;
}

export const ABOUT =
  'A migration from one GitLab to another by gitlab-bulk-imports. Both GitLabs are samples in the memory of this ' +
  'process; the service is the real one.';

/** What was started, and where. */
export function introduction(
  urls: Urls,
  about: { groups: number; levels: number; projects: number },
): string[] {
  return [
    `Source       ${urls.source}  GitLab 16.11 Premium, ${about.groups} groups on ${about.levels} levels, ${about.projects} projects`,
    `Destination  ${urls.destination}  GitLab 17.11 Free, empty`,
    `Service      ${urls.service}  GitLab's Bulk Imports API`,
  ];
}

/** The body of the request as people would write it. */
function bodyLines(sourceUrl: string, sourceToken: string, path: string, slug: string): string[] {
  const text = (value: string) => JSON.stringify(value);
  return [
    '{',
    `  "configuration": {`,
    `    "url": ${text(sourceUrl)},`,
    `    "access_token": ${text(sourceToken)}`,
    `  },`,
    `  "entities": [{`,
    `    "source_type": "group_entity", "source_full_path": ${text(path)},`,
    `    "destination_slug": ${text(slug)}, "destination_namespace": ""`,
    `  }]`,
    '}',
  ];
}

/** The body of the one request that the demo sends. */
export function requestBody({ source }: Urls): string {
  return bodyLines(source, SOURCE_TOKEN, SAMPLE_ROOT, SAMPLE_ROOT).join('\n');
}

/** The request as it is sent, with placeholders for both tokens. */
export function requestLines({ service, source }: Urls, path = ''): string[] {
  return [
    `POST ${service}/api/v4/bulk_imports${path}`,
    'PRIVATE-TOKEN: <destination token>',
    'Content-Type: application/json',
    '',
    ...bodyLines(source, '<source token>', SAMPLE_ROOT, SAMPLE_ROOT),
  ];
}

/** The request as a command to paste. */
function curlLines(service: string, token: string, body: string[]): string[] {
  const [first = '', ...others] = body;
  return [
    `curl ${service}/api/v4/bulk_imports \\`,
    `  -H 'PRIVATE-TOKEN: ${token}' -H 'Content-Type: application/json' \\`,
    `  -d '${first}`,
    ...others.slice(0, -1),
    `${others.at(-1)}'`,
  ];
}

/** What a plan says, in a sentence or two. */
export function planned({ changes, destination_writes: writes, emails, users }: PlanAnswer): string {
  const { create = 0, skip = 0, blocked = 0, unknown = 0 } = changes ?? {};
  return (
    `Nothing was written. The migration would create ${plural(create, 'record')} with ${plural(writes ?? 0, 'write')}, ` +
    `leave out ${skip}, and fail at ${blocked}; of ${unknown} only the attempt can tell. ` +
    `${plural(emails ?? 0, 'e-mail')} would go to new members, and ${plural(users?.unmatched ?? 0, 'member')} ` +
    `of the source ${users?.unmatched === 1 ? 'has' : 'have'} no counterpart at the destination.`
  );
}

export const PLANNED =
  'Planned is what the plan has said would be there; of what is in the archives of projects, and of what needs a licence, ' +
  'only the attempt can tell.';

/** A request for an import that is there, as it is sent, with placeholders for both tokens. */
export function requestOfAttempt({ service }: Urls, path: string): string[] {
  return [
    `POST ${service}/api/v4/bulk_imports/${path}`,
    'PRIVATE-TOKEN: <destination token>',
    '',
    bodyWithToken('<source token>'),
  ];
}

/** The body of a retry, and of a verification: tokens are erased at the end of an import. */
export const sourceToken = (): string => bodyWithToken(SOURCE_TOKEN);

const bodyWithToken = (token: string) => JSON.stringify({ configuration: { access_token: token } });

/** What a verification has found. */
export function verified({ matched, different, missing, unverified, accuracy }: VerificationAnswer): string {
  const percent = accuracy === null ? 'nothing' : `${Number((accuracy * 100).toFixed(2))} %`;
  return (
    `${matched ?? 0} records are there and alike, ${different ?? 0} differ, ${missing ?? 0} are missing, ` +
    `${unverified ?? 0} could not be compared: ${percent} arrived. What is missing is what this destination cannot have.`
  );
}

/** What a retry has changed. */
export function repaired(before: readonly FailureGroup[], after: readonly FailureGroup[]): string {
  const count = (groups: readonly FailureGroup[]) =>
    groups.reduce((sum, { places }) => sum + places.length, 0);
  const gone = before.filter(({ message }) => !after.some(group => group.message === message));
  const titles = gone.flatMap(({ places }) =>
    places.map(({ path, title }) => `${title ?? 'all'} in ${path}`),
  );
  return (
    `${count(before)} failures before, ${count(after)} after: ${titles.join(', ')} arrived. ` +
    'Nothing was made twice, and what this destination cannot have has failed again.'
  );
}

/** What comparing both GitLabs has shown, in a sentence. */
export function compared(comparisons: readonly Comparison[]): string {
  const counts = comparisons.map(({ what, wanted, found }) => `${found} of ${wanted} ${what}`);
  const surplus = comparisons.filter(comparison => comparison.surplus > 0);
  const twice =
    surplus.length === 0
      ? 'none twice'
      : `but too many: ${surplus.map(comparison => `${comparison.surplus} ${comparison.what}`).join(', ')}`;
  const missing = comparisons.some(({ wanted, found }) => found < wanted)
    ? ' What is missing is among the failures above.'
    : '';
  return `${counts.slice(0, -1).join(', ')} and ${counts.at(-1)} are at the destination, ${twice}.${missing}`;
}

/** What is not as it should be; nothing when the demo went as planned. */
export function problemsOf(comparisons: readonly Comparison[]): string[] {
  return comparisons
    .filter(comparison => !isExact(comparison))
    .map(
      ({ what, wanted, found, surplus, impossible }) =>
        `${what}: ${found} of ${wanted - impossible} that this destination can have, ${surplus} too many`,
    );
}

/** Failures that are missing or unexpected, by relation. */
export function failureProblems(
  totals: readonly Pick<RelationTotals, 'relation' | 'failed'>[],
  expected: ReadonlyMap<string, number>,
): string[] {
  const actual = new Map(totals.map(({ relation, failed }) => [relation, failed]));
  return [...new Set([...actual.keys(), ...expected.keys()])]
    .filter(relation => (actual.get(relation) ?? 0) !== (expected.get(relation) ?? 0))
    .map(
      relation =>
        `${relation}: ${plural(actual.get(relation) ?? 0, 'failure')}, not ${expected.get(relation) ?? 0}`,
    );
}

export const LEFT_OUT =
  'Left out are members who have as much access already (from a parent group, or because they run the import), ' +
  'who show no public e-mail address, or who have no account at the destination.';

/** Groups whose path is another one at the destination, in sentences. */
export function renamed(entities: readonly EntityAnswer[]): string[] {
  return entities
    .filter(
      entity => entity.destination_full_path && entity.destination_full_path !== entity.source_full_path,
    )
    .map(
      entity =>
        `${entity.source_full_path} is ${entity.destination_full_path} now, because GitLab's rule for slugs is stricter than it was.`,
    );
}

/** Which troubles were made on purpose. */
export function mishapLine({ turnedAway, lostAnswers, refusals }: StagedMishaps): string {
  return (
    `Staged on purpose: the destination was overloaded twice (429, ${plural(turnedAway, 'request')} turned away) ` +
    `and answered 502 although it had created a ${lostAnswers.join(' and a ')}: the service waited, looked, and went on. ` +
    `It refused a ${refusals.join(' and a ')} once, which the retry has brought.`
  );
}

/** Requests to paste while everything is kept running. */
export function requestsToTry(
  { service, destination, source }: Urls,
  importId: number,
  entityId: number,
): string[] {
  const token = `-H 'PRIVATE-TOKEN: ${DESTINATION_TOKEN}'`;
  return [
    'The import, its groups with their counts, and the failures of one of them:',
    '',
    `curl ${token} ${service}/api/v4/bulk_imports/${importId}`,
    `curl ${token} ${service}/api/v4/bulk_imports/${importId}/entities`,
    `curl ${token} ${service}/api/v4/bulk_imports/${importId}/entities/${entityId}/failures`,
    '',
    'What is at the destination now:',
    '',
    `curl ${token} ${destination}/api/v4/groups/${SAMPLE_ROOT}%2Fplatform/milestones`,
    '',
    'The whole tree once more, beside the first:',
    '',
    ...curlLines(
      service,
      DESTINATION_TOKEN,
      bodyLines(source, SOURCE_TOKEN, SAMPLE_ROOT, `${SAMPLE_ROOT}-copy`),
    ),
  ];
}

/** How to go on after everything has been stopped. */
export function nextSteps(): string[] {
  const body = bodyLines('https://old-gitlab.example.com', '<source token>', 'my-group', 'my-group');
  return [
    'The same, left running so that you can send requests yourself:',
    '',
    'npm run demo -- --keep',
    '',
    'The service in front of your own GitLab, and a request to it from another terminal:',
    '',
    'DESTINATION_GITLAB_URL=https://gitlab.example.com npm start',
    ...curlLines('http://127.0.0.1:3000', '<destination token>', body),
  ];
}
