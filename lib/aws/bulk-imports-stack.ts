import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { DataStore } from './data-store.ts';
import { Api } from './http-api.ts';
import { Reconciliation } from './reconciliation.ts';
import type { FunctionDefaults } from './service-function.ts';
import type { Settings } from './settings.ts';
import { Workflow } from './workflow.ts';

/** The whole service. Everything is in the constructs; this only wires them. */
export class BulkImportsStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings }) {
    super(scope, id, props);
    const { settings } = props;
    const dataStore = new DataStore(this, 'DataStore', { removeOnDestroy: settings.removeDataOnDestroy });
    const defaults = this.#functionDefaults(settings, dataStore);
    const workflow = new Workflow(this, 'Workflow', {
      dataStore,
      defaults,
      entitiesInParallel: settings.entitiesInParallel,
    });
    const { stateMachine } = workflow;
    const api = new Api(this, 'Api', {
      dataStore,
      stateMachine,
      defaults,
      importsPerMinute: settings.importsPerMinute,
    });
    const reconciliation = new Reconciliation(this, 'Reconciliation', { dataStore, stateMachine, defaults });

    new CfnOutput(this, 'Endpoint', {
      description: 'Base URL for GitLab clients',
      value: api.httpApi.apiEndpoint,
    });
    new CfnOutput(this, 'TableName', { value: dataStore.table.tableName });
    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'ReconcileFunction', { value: reconciliation.function.functionName });
  }

  #functionDefaults(settings: Settings, dataStore: DataStore): FunctionDefaults {
    const { vpcId, subnetIds, availabilityZones } = settings;
    const network = vpcId !== undefined &&
      subnetIds !== undefined &&
      availabilityZones !== undefined && {
        vpc: Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones, privateSubnetIds: subnetIds }),
        subnets: subnetIds.map((subnetId, index) =>
          Subnet.fromSubnetAttributes(this, `Subnet${index}`, {
            subnetId,
            availabilityZone: availabilityZones[index] ?? '',
          }),
        ),
      };
    return {
      logRetention: settings.logRetentionDays,
      environment: {
        TABLE_NAME: dataStore.table.tableName,
        TOKEN_KEY_ARN: dataStore.tokenKey.keyArn,
        DESTINATION_GITLAB_URL: settings.destinationUrl,
        ALLOW_PRIVATE_NETWORKS: String(settings.allowPrivateNetworks),
      },
      ...(network && { network }),
    };
  }
}
