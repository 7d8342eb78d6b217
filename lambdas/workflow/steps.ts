/**
 * The Lambdas that the state machine calls besides the pipelines, by the placeholder that its definition has for
 * them. The deployment makes one function of each and the local runtime loads the same files.
 */
export const WORKFLOW_STEPS: Readonly<Record<string, string>> = {
  StartImportFunction: 'start-import',
  NextGenerationFunction: 'next-generation',
  StartEntityFunction: 'start-entity',
  FailPipelineFunction: 'fail-pipeline',
  FinishEntityFunction: 'finish-entity',
  FailEntityFunction: 'fail-entity',
  FinishImportFunction: 'finish-import',
  FailImportFunction: 'fail-import',
};

/** The Lambda that closes what no step of the state machine can close; called by events and by the clock. */
export const RECONCILE = 'reconcile';
