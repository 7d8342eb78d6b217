import { App } from 'aws-cdk-lib';
import { Annotations, Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { MissingDestinationError } from '../../lib/aws/settings.ts';
import { StackWithoutDestination } from '../../lib/aws/stack-without-destination.ts';

const error = new MissingDestinationError('test');
const standIn = () =>
  new StackWithoutDestination(new App({ builtinCloudFormationValidation: false }), 'Stack', error);

it('has an error that says which setting to add, so that nothing of it is deployed', () => {
  Annotations.fromStack(standIn()).hasError('/Stack', error.message);
});

it('is not empty, which the CDK CLI would take for a stack to be deleted, and is refused by CloudFormation', () => {
  const { Resources, Rules } = Template.fromStack(standIn()).toJSON();

  expect(Object.keys(Resources)).toHaveLength(1);
  expect(Rules.Destination.Assertions).toEqual([
    { Assert: { 'Fn::Equals': ['destinationUrl', 'missing'] }, AssertDescription: error.message },
  ]);
});
