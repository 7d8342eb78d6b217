import type { LaneName } from '../platform/lanes.ts';

/**
 * The Lambdas that the state machine calls besides the lanes, by the placeholder that its definition has for
 * them. The deployment makes one function of each and the local runtime loads the same files.
 */
export const WORKFLOW_STEPS: Readonly<Record<string, string>> = {
  StartImportFunction: 'start-import',
  NextGenerationFunction: 'next-generation',
  RecordCrashFunction: 'record-crash',
  FailEntityFunction: 'fail-entity',
  FinishImportFunction: 'finish-import',
  FailImportFunction: 'fail-import',
};

/**
 * The lanes: Lambdas that run entities, by what they need. A run's result names the lane of the next one.
 */
export const LANES: Readonly<Record<LaneName, string>> = {
  groups: 'run-group',
  projects: 'run-project',
  archives: 'run-archive',
};

/** The Lambda that closes what no step of the state machine can close; called by events and by the clock. */
export const RECONCILE = 'reconcile';
