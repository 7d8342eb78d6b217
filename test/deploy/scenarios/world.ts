import type { SampleInstance } from '../../../lib/demo/sample-source.ts';
import type { Checks } from '../checks.ts';
import type { DeployedFunctions } from '../deployed-functions.ts';
import type { Deployment } from '../deployment.ts';
import type { DocumentedCommands } from '../documents.ts';
import type { Operator } from '../operator.ts';

/** What every scenario works with. */
export interface World {
  checks: Checks;
  deployment: Deployment;
  functions: DeployedFunctions;
  documents: DocumentedCommands;
  operator: Operator;
  source: SampleInstance;
  destination: SampleInstance;
  signal: AbortSignal;
}
