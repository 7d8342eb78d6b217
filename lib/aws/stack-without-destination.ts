import { Annotations, CfnRule, CfnWaitConditionHandle, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { MissingDestinationError } from './settings.ts';

/**
 * Stands for the deployment as long as no destination is given. `cdk bootstrap` finds account and region by the stacks
 * of an app, and `cdk destroy` needs no more than a stack's name. Commands that use what is in the stack are refused.
 */
export class StackWithoutDestination extends Stack {
  constructor(scope: Construct, id: string, { message }: MissingDestinationError) {
    super(scope, id);
    Annotations.of(this).addError(message);
    // With --ignore-errors the CDK CLI would delete the deployed stack for one that is empty. This is not, and
    // CloudFormation refuses it, too.
    new CfnWaitConditionHandle(this, 'Nothing');
    new CfnRule(this, 'Destination', {
      assertions: [{ assert: Fn.conditionEquals('destinationUrl', 'missing'), assertDescription: message }],
    });
  }
}
