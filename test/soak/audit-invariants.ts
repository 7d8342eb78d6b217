import type { AuditEvent } from '../../lambdas/store/audit-events.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { type Invariant, ownGroups } from './invariant.ts';
import type { Schedule } from './schedule.ts';

/** What was written down of all that was written must be true, whatever went wrong on the way. */

/**
 * The request that tells whether the destination takes projects, and is refused by design. The one before an import begins
 * is no entity's, and has no event.
 */
const isProbe = ({ path, body }: SampleRequest) =>
  path.endsWith('/projects/remote-import') && (body as { path?: unknown } | undefined)?.path === 'probe';

const queryOf = ({ body }: SampleRequest) => String((body as { query?: unknown } | undefined)?.query ?? '');

const isWrite = (request: SampleRequest) =>
  request.method !== 'GET' &&
  (!request.path.endsWith('/api/graphql') || queryOf(request).startsWith('mutation'));

/** How many records a request writes. */
function recordsIn(request: SampleRequest): number {
  if (request.path.endsWith('/api/graphql')) return queryOf(request).match(/^m\d+:/gm)?.length ?? 1;
  const { user_id } = (request.body ?? {}) as { user_id?: unknown };
  return request.path.endsWith('/members') ? String(user_id).split(',').length : 1;
}

/** Whether no run of a schedule is cut short, and the table takes whatever it is sent. */
const isUndisturbed = ({ crashes, deadly, throttled, cancelAfter }: Schedule) =>
  crashes.length === 0 && !deadly && !throttled && cancelAfter === undefined;

const routeOf = ({ method, path }: Pick<SampleRequest, 'method' | 'path'>) => `${method} ${path}`;
const decoded = ({ method, path }: AuditEvent) => `${method} ${decodeURIComponent(path)}`;

/** U1: whatever the destination has received is in exactly one event per record. */
export const everyWriteHasItsEvent: Invariant = ({ destination }, { auditEvents }, schedule) => {
  const received = destination.requests.filter(isWrite);
  const ofRequest = Map.groupBy(auditEvents, ({ requestId }) => requestId ?? '');
  const ofRoute = Map.groupBy(auditEvents, decoded);
  const counts = new Map<string, number>();
  for (const request of received)
    counts.set(routeOf(request), (counts.get(routeOf(request)) ?? 0) + recordsIn(request));
  const probes = received.filter(isProbe).length;
  const missing = (route: string, count: number) =>
    count - (ofRoute.get(route)?.length ?? 0) - (route.endsWith('/projects/remote-import') ? probes : 0);
  return [
    ...received
      .map(request => ({ request, events: ofRequest.get(request.requestId ?? '-') ?? [] }))
      // An answer that a run did not live to write down, or not whole, leaves events of its request as they were sent.
      .filter(({ request, events }) =>
        isUndisturbed(schedule)
          ? request.requestId !== undefined && !isProbe(request) && events.length !== recordsIn(request)
          : events.length > recordsIn(request),
      )
      .map(
        ({ request, events }) =>
          `${routeOf(request)} wrote ${recordsIn(request)}, and has ${events.length} events`,
      ),
    ...[...counts]
      .filter(([route, count]) => missing(route, count) > 0)
      .map(
        ([route, count]) =>
          `${route} wrote ${count}, and there are ${ofRoute.get(route)?.length ?? 0} events`,
      ),
    ...[...ofRoute]
      .map(([route, events]) => ({
        route,
        unheard: events.length - (counts.get(route) ?? 0),
        silent: events.filter(({ requestId }) => requestId === null).length,
      }))
      .filter(({ unheard, silent }) => unheard > silent)
      .map(
        ({ route, unheard }) =>
          `${route} has ${unheard} events of requests that the destination has not received`,
      ),
    ...[...ofRequest]
      .filter(([id]) => id !== '' && !received.some(({ requestId }) => requestId === id))
      .map(([id]) => `the request ${id} of an event was not received`),
  ];
};

const RECORDS = {
  Label: (group: SampleGroup) => group.labels.map(({ title }) => title),
  Milestone: (group: SampleGroup) => group.milestones.map(({ title }) => title),
  Board: (group: SampleGroup) => group.boards.map(({ name }) => name),
} as const;

const IS_THERE = new Set(['created', 'found', 'sent', 'updated']);

/** U4: whatever was made has an event that does not say otherwise, and what is said to be found is there. */
export const whatIsThereWasWrittenDown: Invariant = ({ destination, foreign }, { entities, auditEvents }) =>
  ownGroups(destination, foreign).flatMap(group => {
    const entity = entities.find(({ namespaceId }) => namespaceId === group.id);
    if (entity === undefined) return [];
    const own = auditEvents.filter(({ entityId }) => entityId === entity.id);
    return Object.entries(RECORDS).flatMap(([target, titlesIn]) => {
      const there = titlesIn(group);
      const written = own.filter(event => event.target === target && IS_THERE.has(event.result));
      const found = written.filter(({ result }) => result === 'found');
      return [
        ...there
          .filter(title => !written.some(event => event.title === title))
          .map(title => `the ${target} ${title} of ${group.fullPath} was not written down`),
        ...found
          .filter(({ title }) => !there.includes(title ?? ''))
          .map(
            ({ title }) =>
              `the ${target} ${title} of ${group.fullPath} is said to be found, and is not there`,
          ),
      ];
    });
  });

/** U2: what was known of a write once does not change. */
export const resultsAreFinal: Invariant = ({ changedResults }) => changedResults;

/** U3: events have names and no values. */
export const eventsHaveNoContent: Invariant = (_, { auditEvents }) =>
  auditEvents.filter(({ path }) => path.includes('?')).map(({ path }) => `an event has the query of ${path}`);
