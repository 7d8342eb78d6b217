import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { RECONCILE } from '../../lambdas/workflow/steps.ts';
import { acknowledge } from './acknowledge.ts';
import type { DataStore } from './data-store.ts';
import { grantOnExecutions } from './executions.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** How often every open import is looked at. */
const EVERY = Duration.minutes(15);

/**
 * The net under the workflow: what a Catch cannot see (the 25,000th event, a state of more than 256 KiB, somebody who
 * stops an execution, one that never started) is closed here.
 */
export class Reconciliation extends Construct {
  readonly function: ServiceFunction;
  /** Events that the function could not deal with. */
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    id: string,
    props: { dataStore: DataStore; stateMachine: StateMachine; defaults: FunctionDefaults },
  ) {
    super(scope, id);
    const { stateMachine } = props;
    this.function = new ServiceFunction(this, 'Reconcile', {
      kind: 'workflow',
      file: RECONCILE,
      description: 'Closes imports whose workflow ended, never started, or is stale',
      defaults: props.defaults,
      speaksToGitLab: false,
      environment: { STATE_MACHINE_ARN: stateMachine.stateMachineArn },
    });
    props.dataStore.grantItems(this.function);
    grantOnExecutions(this, 'CloseExecutions', {
      role: this.function.ownRole,
      stateMachine,
      actions: ['states:DescribeExecution', 'states:StopExecution'],
    });

    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.deadLetters, 'SQS3', 'This is the dead-letter queue, of two EventBridge rules.');
    const target = new LambdaFunction(this.function, { deadLetterQueue: this.deadLetters, retryAttempts: 4 });
    new Rule(this, 'ExecutionEnded', {
      description: 'An import execution failed, timed out or was stopped',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          // The machine itself, not the children of its Map.
          stateMachineArn: [stateMachine.stateMachineArn],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
      targets: [target],
    });
    new Rule(this, 'Clock', {
      description: 'Looks at every open import',
      schedule: Schedule.rate(EVERY),
      targets: [target],
    });
  }
}
