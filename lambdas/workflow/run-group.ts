import { laneHandler } from './lane.ts';

/** The lane of groups: many short requests. */
export const handler = laneHandler('groups');
