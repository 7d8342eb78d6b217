import { ACCESS_LEVELS } from '../../lib/gitlab-simulator/model.ts';

/** Two can be matched by their public address, the third has none, and nobody at the destination has the fourth's. */
export const PEOPLE = ['ann', 'ben', 'cyd', 'dan'] as const;
export type Person = (typeof PEOPLE)[number];

const { developer, maintainer, guest } = ACCESS_LEVELS;
/** The levels of the first ones in each group. The first two have the same, and are added by one request. */
export const LEVELS = [developer, developer, maintainer, guest] as const;

/** Who somebody is at the destination where a mapping says so. */
export const counterpartOf = (person: Person): string => `${person}-there`;
