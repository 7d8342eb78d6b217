import { ArnFormat, type CfnElement, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

const REASON = 'The executions of this one state machine have no names before they run.';

/**
 * Allows a role to act on the executions of a state machine, in a policy of its own: the machine itself depends on
 * its role's default policy, which therefore cannot name the machine.
 *
 * @param children whether the executions are those that a DISTRIBUTED Map starts; they are named by the Map's label,
 *   `<machine>/<label>:<id>`
 */
export function grantOnExecutions(
  scope: Construct,
  id: string,
  props: { role: Role; stateMachine: StateMachine; actions: string[]; children?: boolean },
): void {
  const { role, stateMachine, actions } = props;
  const stack = Stack.of(stateMachine);
  const pattern = props.children ? '/*' : ':*';
  const resource = stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachine.stateMachineName}${pattern}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const policy = new Policy(scope, id, {
    roles: [role],
    statements: [new PolicyStatement({ actions, resources: [resource] })],
  });
  const logicalId = stack.getLogicalId(stateMachine.node.defaultChild as CfnElement);
  acknowledge(
    policy,
    `IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<${logicalId}.Name>${pattern}]`,
    REASON,
  );
}
