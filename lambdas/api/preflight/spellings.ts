import { exactFullPath, type Sought } from '../../gitlab/api/lookups.ts';
import type { GitLabClient } from '../../gitlab/client.ts';

/**
 * Spellings asked for at the same time. Old versions need one request for each, so that a thousand take 42 times as
 * long as one: four seconds of the twenty, where a response takes 100 ms.
 */
const PARALLEL = 24;
/** At a GitLab that has none of them, the first ones are enough. */
const FIRST = 8;

/**
 * Fills in what was not found because an old version finds exact spellings only. In the order in which it is sought, and
 * no further than to the first that is not there in any spelling, which is refused.
 *
 * @param found what was found of each that is sought
 * @param lookUpAgain looks up some of them, in the spelling of the GitLab
 */
export async function findOtherSpellings<T>(
  client: GitLabClient,
  sought: readonly Sought[],
  found: (T | undefined)[],
  lookUpAgain: (spelled: Sought[]) => Promise<(T | undefined)[]>,
): Promise<void> {
  const missing = sought.flatMap((one, index) => (found[index] === undefined ? [{ one, index }] : []));
  const spelled: { index: number; one: Sought }[] = [];
  for (let from = 0; from < missing.length; ) {
    const some = missing.slice(from, from + (from === 0 ? FIRST : PARALLEL));
    from += some.length;
    const paths = await Promise.all(some.map(({ one }) => exactFullPath(client, one)));
    for (const [position, { one, index }] of some.entries()) {
      const fullPath = paths[position];
      if (fullPath !== undefined) spelled.push({ index, one: { ...one, fullPath } });
    }
    if (paths.includes(undefined)) break;
  }
  const records = await lookUpAgain(spelled.map(({ one }) => one));
  for (const [position, { index }] of spelled.entries()) found[index] = records[position];
}
