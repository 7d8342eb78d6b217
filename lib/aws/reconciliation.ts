import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { RECONCILE } from '../../lambdas/workflow/steps.ts';
import { acknowledge } from './acknowledge.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DataStore } from './data-store.ts';
import { grantOnExecutions } from './executions.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** How often every open import is looked at. */
const EVERY = Duration.minutes(15);
/** Lambda's maximum; after one minute and after two more. */
const RETRIES_AFTER_A_FAILURE = 2;
/** Of EventBridge, when Lambda does not take an event. */
const RETRIES_OF_A_DELIVERY = 4;
/** How long an event is tried again, and nobody told: the clock has looked four times at what it is about. */
const WORTH_WHILE = Duration.hours(1);

/**
 * The net under the workflow: what a Catch cannot see (the 25,000th event, a state of more than 256 KiB, somebody who
 * stops an execution, one that never started) is closed here.
 */
export class Reconciliation extends Construct {
  readonly function: ServiceFunction;
  /** Events that could not be delivered to the function, or that it failed at. */
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    id: string,
    props: {
      archives: ArchiveBucket;
      dataStore: DataStore;
      stateMachine: StateMachine;
      defaults: FunctionDefaults;
    },
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
    props.archives.grantRemove(this.function);
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
    acknowledge(
      this.deadLetters,
      'SQS3',
      'This is the dead-letter queue, of two EventBridge rules and of the function.',
    );
    // EventBridge is done when Lambda has taken an event, before the function has run. What the function then fails at
    // is Lambda's to try again, and to put into the queue.
    this.function.configureAsyncInvoke({
      onFailure: new SqsDestination(this.deadLetters),
      retryAttempts: RETRIES_AFTER_A_FAILURE,
      maxEventAge: WORTH_WHILE,
    });
    const target = new LambdaFunction(this.function, {
      deadLetterQueue: this.deadLetters,
      retryAttempts: RETRIES_OF_A_DELIVERY,
      maxEventAge: WORTH_WHILE,
    });
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
