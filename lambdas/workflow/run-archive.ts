import { clearArchiveOf } from '../engine/remove-archive.ts';
import { PROJECT_RELATIONS } from '../pipelines/project-stages.ts';
import { laneHandler } from './lane.ts';

/** The lane of archives: bytes, from the source into the store and from there to the destination. */
export const handler = laneHandler(
  'archives',
  { project_entity: PROJECT_RELATIONS },
  { clear: clearArchiveOf },
);
