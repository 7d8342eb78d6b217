import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { type NamedRelation, type RelationChanges, relationOf } from '../support/service/entity-lane.ts';

/** What the state machine hands on of a run that has died. */
export const CRASH = {
  Error: 'Lambda.Unknown',
  Cause: JSON.stringify({
    errorType: 'TypeError',
    errorMessage: 'x is not a function',
    trace: ['secret/path'],
  }),
};

/** The relations that the stage table has under these names, which do nothing here but what is said. */
export function groupRelations(changes: Record<string, RelationChanges> = {}): NamedRelation[] {
  return GROUP_RELATIONS.map(({ name, relation, pipelineClass, stage, abortOnFailure }) =>
    relationOf(name, {
      ...{ relation, pipelineClass, stage },
      ...(abortOnFailure !== undefined && { abortOnFailure }),
      ...changes[name],
    }),
  );
}
