import { clearArchiveOf } from '../engine/remove-archive.ts';
import {
  PLANNED_PROJECT_RELATIONS,
  PROJECT_RELATIONS,
  VERIFIED_PROJECT_RELATIONS,
} from '../pipelines/project-stages.ts';
import { laneHandler } from './lane.ts';

/** The lane of projects: short requests, and long waits in between. */
export const handler = laneHandler(
  'projects',
  { project_entity: PROJECT_RELATIONS },
  {
    planned: { project_entity: PLANNED_PROJECT_RELATIONS },
    verified: { project_entity: VERIFIED_PROJECT_RELATIONS },
    clear: clearArchiveOf,
  },
);
