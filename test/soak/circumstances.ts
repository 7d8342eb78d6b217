import fc from 'fast-check';
import { isComplete, itemsOf, writesDuring } from './attempts.ts';
import { broken, OF_EVERY_ATTEMPT } from './invariants.ts';
import { recordsOf } from './records.ts';
import { TOKENS_OF_OTHERS } from './sample-source.ts';
import type { Schedule } from './schedule.ts';
import { hasRightEnds } from './upheaval-invariants.ts';
import { bringAbout, type Upheaval, upheaval } from './upheavals.ts';
import type { Aftermath } from './world.ts';

/** What happens around the attempts of an import. */
export interface Circumstances {
  /** Whether a retry is asked for in the moment in which the first attempt ends. */
  isImpatient: boolean;
  /** Whether an attempt comes before the trouble is over. */
  isTroubled: boolean;
  /** What else asks at once for the attempt that comes in trouble, or during an upheaval. */
  rival: 'nobody' | 'the same' | 'another scope';
  upheaval: Upheaval | undefined;
  scope: 'failed' | 'all';
  /** Days that pass before an attempt; after the longest one the tokens are others, too. */
  days: 0 | 1 | 91;
}

export const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  isImpatient: fc.constantFrom(false, false, true),
  isTroubled: fc.boolean(),
  rival: fc.constantFrom('nobody', 'nobody', 'the same', 'another scope'),
  upheaval: fc.option(upheaval, { nil: undefined }),
  scope: fc.constantFrom('failed', 'failed', 'all'),
  days: fc.constantFrom(0, 0, 1, 91),
});

/** Nothing happens around them. */
export const ORDINARY: Circumstances = {
  isImpatient: false,
  isTroubled: false,
  rival: 'nobody',
  upheaval: undefined,
  scope: 'failed',
  days: 0,
};

/** Retries while something has happened to what the import has made, and puts that back. @returns how that broke a promise */
export async function retryInUpheaval(
  aftermath: Aftermath,
  drawn: Schedule,
  { upheaval, scope, rival, isCalm }: Circumstances & { isCalm: boolean },
): Promise<string[]> {
  const upset = upheaval && bringAbout(aftermath, upheaval);
  const before = recordsOf(aftermath);
  const { attempt = 1 } = before.record ?? {};
  const others = { nobody: [], 'the same': [{ scope }], 'another scope': [{ scope: OTHER_SCOPE[scope] }] };
  const answers = await aftermath.retry([{ scope }, ...others[rival]]);
  const problems = upset
    ? hasRightEnds(aftermath, upset, before, { isCalm, isComplete: isComplete(drawn, aftermath) })
    : [];
  upset?.putBack();
  // Two requests at once are one attempt: the same ones are told of it, and others that they came too late.
  const attempts = (recordsOf(aftermath).record?.attempt ?? 1) - attempt;
  const begun = answers.filter(status => status === 201).length;
  return [
    ...problems,
    ...(attempts > 1 ? [`requests at once were ${attempts} attempts`] : []),
    ...(rival === 'another scope' && begun > 1 ? ['two requests for different attempts were told 201'] : []),
    ...broken(aftermath, drawn, [...OF_EVERY_ATTEMPT]),
  ];
}

const OTHER_SCOPE = { failed: 'all', all: 'failed' } as const;

/** Lets the days pass that were drawn, and with the many also the tokens. */
export function pass(aftermath: Aftermath, { days }: Circumstances): void {
  if (days > 0) aftermath.later(days);
  if (days > 90) aftermath.changeTokens();
}

/**
 * Has an attempt asked for by whom it is not for, and with the token of somebody who is nobody at the source: both are
 * refused, and leave nothing.
 */
export async function askAsOthers(aftermath: Aftermath): Promise<string[]> {
  const before = itemsOf(aftermath);
  const { source, destination } = TOKENS_OF_OTHERS;
  let answers: number[] = [];
  const ask = async () => {
    answers = [
      ...(await aftermath.retry([{ scope: 'all' }], { ...aftermath.tokens, destination })),
      ...(await aftermath.retry([{ scope: 'all' }], { ...aftermath.tokens, source })),
    ];
  };
  const writes: string[] = [];
  const exports = await writesDuring(aftermath.source, async () => {
    writes.push(...(await writesDuring(aftermath.destination, ask)));
  });
  return [
    ...(`${answers}` === '404,422' ? [] : [`others were answered with ${answers}`]),
    ...[...writes, ...exports].map(write => `nobody may ask for it, and ${write} was sent`),
    ...(itemsOf(aftermath) === before ? [] : ['nobody may ask for it, and the import was changed']),
  ];
}
