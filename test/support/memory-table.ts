import { afterAll } from 'vitest';
import { GROUP_PIPELINES, pipelineFile } from '../../lambdas/pipelines/stages.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../lib/local/step-functions-server.ts';
import type { TableServer } from '../../lib/local/table-server.ts';
import { startTestTable } from './test-table.ts';

/** Makes an empty table in memory, and the environment that the workflow's steps need. One per test file. */
export async function startTable(): Promise<TableServer> {
  const { table, stop } = await startTestTable();
  afterAll(stop);
  Object.assign(process.env, {
    STATE_MACHINE_ARN: LOCAL_STATE_MACHINE_ARN,
    DESTINATION_GITLAB_URL: 'https://new.example',
    PIPELINE_FUNCTIONS: JSON.stringify(
      Object.fromEntries(GROUP_PIPELINES.map(({ name }) => [name, `pipeline/${pipelineFile(name)}`])),
    ),
  });
  return table;
}
