/** A pipeline that the workflow runs, without its function. */
interface Run {
  importId: number;
  entityId: number;
  pipeline: string;
}

/** What the steps around the pipelines answer for an import of one entity with these. */
export function stepAnswers(runs: Run[]): Record<string, (event: { generation?: number }) => unknown> {
  return {
    'workflow/start-import': () => ({ importId: 1, generation: 0, after: 0 }),
    'workflow/next-generation': ({ generation }) => ({
      importId: 1,
      generation: 1,
      after: 0,
      entityIds: [2],
      entitiesInParallel: 5,
      done: generation === 1,
    }),
    'workflow/start-entity': () => ({
      stages: [{ pipelines: runs.map(run => ({ ...run, functionName: `pipeline/${run.pipeline}` })) }],
    }),
  };
}
