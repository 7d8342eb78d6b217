import { beforeAll } from 'vitest';
import { LANE_VARIABLES } from '../../../lib/local/functions.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../../lib/local/local-step-functions.ts';
import { useTableInMemory } from '../table/table-in-memory.ts';

/** Gives the test file a table in memory, and the environment that the workflow's steps need. */
export function useWorkflowTable(): void {
  useTableInMemory();
  beforeAll(setWorkflowEnvironment);
}

export function setWorkflowEnvironment(): void {
  Object.assign(process.env, {
    STATE_MACHINE_ARN: LOCAL_STATE_MACHINE_ARN,
    DESTINATION_GITLAB_URL: 'https://new.example',
    ...LANE_VARIABLES,
  });
}
