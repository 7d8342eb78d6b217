import { GROUP_RELATIONS } from '../pipelines/group-stages.ts';
import { laneHandler } from './lane.ts';

/** The lane of groups: many short requests. */
export const handler = laneHandler('groups', { group_entity: GROUP_RELATIONS });
