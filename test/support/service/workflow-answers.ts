/** The lane of the one entity of `stepAnswers`. */
export const LANE = 'lane/run-group';

/** What the steps answer for an import of one entity with which nothing happens. */
export function stepAnswers(): Record<string, (event: { generation?: number }) => unknown> {
  return {
    'workflow/start-import': () => ({ importId: 1, attempt: 1, generation: 0, after: 0 }),
    'workflow/next-generation': ({ generation }) => ({
      importId: 1,
      attempt: 1,
      generation: 1,
      after: 0,
      entityIds: [2],
      entitiesInParallel: 5,
      places: 1,
      functionName: LANE,
      lanes: { groups: LANE },
      afterProjects: false,
      done: generation === 1,
    }),
    [LANE]: event => ({ ...event, crashes: 0, status: 'ended', waitSeconds: 0, relations: [] }),
    'workflow/finish-import': () => ({ importId: 1, status: 'finished', done: true }),
  };
}
