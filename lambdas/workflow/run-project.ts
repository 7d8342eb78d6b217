import { clearArchiveOf } from '../engine/remove-archive.ts';
import { laneHandler } from './lane.ts';

/** The lane of projects: short requests, and long waits in between. */
export const handler = laneHandler('projects', clearArchiveOf);
