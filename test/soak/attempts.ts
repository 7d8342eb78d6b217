import type { Entity } from '../../lambdas/store/entity.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { targetsOf } from './content-invariants.ts';
import { isWrite } from './fault-kinds.ts';
import { NOTICE } from './invariant.ts';
import { broken, OF_EVERY_ATTEMPT } from './invariants.ts';
import { recordsOf } from './records.ts';
import type { Schedule } from './schedule.ts';
import type { Aftermath } from './world.ts';

/** The attempts of an import after the first one, and what must hold of them. */

/** How often an import is retried until nothing is left that can be: once for what is open, once for what that has shown. */
const MOST_RETRIES = 4;

/** What is written into a GitLab while something is done. */
export async function writesDuring(gitlab: SampleGitLab, act: () => Promise<unknown>): Promise<string[]> {
  const before = gitlab.requests.length;
  await act();
  return gitlab.requests
    .slice(before)
    .filter(isWrite)
    .map(({ method, path }) => `${method} ${path}`);
}

/** What there is of the import in the table, in which nothing may change that nobody has touched. */
export const itemsOf = ({ table }: Aftermath) =>
  JSON.stringify([...table.items.values()].filter(({ pk }) => String(pk).startsWith('IMPORT#')));

/** Whether the import came to be, and can be tried again. */
export function isRetryable(aftermath: Aftermath): boolean {
  const { record } = recordsOf(aftermath);
  return record !== undefined && record.status !== 'canceled' && record.startedAt !== undefined;
}

/** Ids of groups of which nothing has failed: a retry writes nothing into them, but what their projects need. */
function quietGroups(aftermath: Aftermath): number[] {
  const { entities, failures } = recordsOf(aftermath);
  const isQuiet = ({ id, status }: Entity) =>
    status === 'finished' &&
    failures.every(({ entityId, exceptionClass }) => entityId !== id || exceptionClass === NOTICE);
  return entities
    .filter(isQuiet)
    .filter(({ id }) =>
      entities.every(one => one.parentId !== id || one.sourceType === 'group_entity' || isQuiet(one)),
    )
    .flatMap(({ namespaceId }) => namespaceId ?? []);
}

/** Retries until nothing is left to be done, with nothing going wrong any more. @returns how that broke a promise */
export async function retryToTheEnd(aftermath: Aftermath, drawn: Schedule): Promise<string[]> {
  for (let count = 0; count < MOST_RETRIES; count++) {
    const before = itemsOf(aftermath);
    const quiet = quietGroups(aftermath);
    const { requests } = aftermath.destination;
    const sent = requests.length;
    let status: number | undefined;
    const writes = await writesDuring(aftermath.destination, async () => {
      [status] = await aftermath.retry();
    });
    if (status === 200) {
      return [
        ...writes.map(write => `nothing was to be done, and ${write} was sent`),
        ...(itemsOf(aftermath) === before ? [] : ['nothing was to be done, and the import was changed']),
      ];
    }
    if (status !== 201) return [`the retry was answered with ${status}`];
    const problems = [
      ...broken(aftermath, drawn, [...OF_EVERY_ATTEMPT]),
      ...requests
        .slice(sent)
        .filter(isWrite)
        // That a group below it is made is not written into it.
        .filter(({ path }) => !path.endsWith('/api/v4/groups'))
        .filter(request => targetsOf(aftermath.destination, request).some(id => quiet.includes(id)))
        .map(({ method, path }) => `nothing of the group had failed, and ${method} ${path} was sent`),
    ];
    if (problems.length > 0) return problems;
    if (count > 0 && isComplete(drawn, aftermath))
      return ['a retry without trouble has left something to be retried'];
  }
  return [];
}

/** Whether retries bring everything: nobody is in the way, and what GitLab's imports have left out it imports by itself. */
export const isComplete = (
  { stranger, projectStranger, imports, destination }: Schedule,
  { foreign }: Aftermath,
) =>
  stranger === undefined &&
  projectStranger === undefined &&
  (imports === undefined || imports.kind === 'left out') &&
  foreign.length === 0 &&
  (destination.version ?? '17').startsWith('17');

/** After retries without trouble nothing is left but what a new import would have, too. */
export function left(aftermath: Aftermath, drawn: Schedule): string[] {
  if (!isComplete(drawn, aftermath)) return [];
  const { failures, record } = recordsOf(aftermath);
  return [
    ...failures
      .filter(({ exceptionClass }) => exceptionClass !== NOTICE)
      .map(({ key, exceptionMessage }) => `${key} is still open: ${exceptionMessage}`),
    ...(record?.status === 'finished' ? [] : [`the import is '${record?.status}'`]),
  ];
}

/** A second run of everything that is complete writes nothing. */
export async function writesAgain(aftermath: Aftermath, drawn: Schedule): Promise<string[]> {
  if (!isComplete(drawn, aftermath)) return [];
  let writes: string[] = [];
  const exports = await writesDuring(aftermath.source, async () => {
    writes = await writesDuring(aftermath.destination, () => aftermath.retry([{ scope: 'all' }]));
  });
  return [
    ...exports.map(write => `nothing has changed, and ${write} was sent to the source`),
    ...writes.map(write => `nothing has changed, and ${write} was sent`),
    ...broken(aftermath, drawn, [...OF_EVERY_ATTEMPT]),
  ];
}
