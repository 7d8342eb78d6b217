import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { variablesOf } from '../../lambdas/gitlab/budgets.ts';
import { rateVariables } from '../../lambdas/platform/project-rates.ts';
import { Alarms } from './alarms.ts';
import { ArchiveBucket } from './archive-bucket.ts';
import { OperationsDashboard } from './dashboard/dashboard.ts';
import { DataStore } from './data-store.ts';
import { Api } from './http-api.ts';
import { Reconciliation } from './reconciliation.ts';
import type { FunctionDefaults } from './service-function.ts';
import type { Settings } from './settings.ts';
import { Workflow } from './workflow.ts';

/** Only those that were chosen: the defaults are the functions' own. */
function chosen(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}

/** The whole service. Everything is in the constructs; this only wires them. */
export class BulkImportsStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings }) {
    super(scope, id, props);
    const { settings } = props;
    const dataStore = new DataStore(this, 'DataStore', { removeOnDestroy: settings.removeDataOnDestroy });
    const archives = new ArchiveBucket(this, 'Archives', { removeOnDestroy: settings.removeDataOnDestroy });
    const defaults = this.#functionDefaults(settings, dataStore, archives);
    const api = new Api(this, 'Api', { defaults });
    const rates = chosen(rateVariables(settings));
    const workflow = new Workflow(this, 'Workflow', {
      archives,
      dataStore,
      defaults,
      entitiesInParallel: settings.entitiesInParallel,
      projectsInParallel: settings.projectsInParallel,
      variables: { ARCHIVE_LINKS_URL: api.httpApi.apiEndpoint, ...rates },
    });
    const { stateMachine } = workflow;
    api.serve({
      archives,
      dataStore,
      stateMachine,
      defaults,
      // It takes its turn among the lanes, so it has to know theirs.
      startVariables: { IMPORTS_PER_MINUTE: String(settings.importsPerMinute), ...rates },
    });
    const reconciliation = new Reconciliation(this, 'Reconciliation', {
      archives,
      dataStore,
      stateMachine,
      defaults,
    });

    const { table } = dataStore;
    const runbook = settings.runbookUrl ?? 'docs/runbook.md';
    const alarms = new Alarms(this, 'Alarms', {
      api,
      workflow,
      reconciliation,
      table,
      runbook,
      ...(settings.alarmEmail !== undefined && { email: settings.alarmEmail }),
    });
    const dashboard = new OperationsDashboard(this, 'Operations', {
      api,
      workflow,
      reconciliation,
      dataStore,
      defaults,
      runbook,
      alarms: alarms.all,
    });

    new CfnOutput(this, 'Endpoint', {
      description: 'Base URL for GitLab clients',
      value: api.httpApi.apiEndpoint,
    });
    new CfnOutput(this, 'TableName', { value: dataStore.table.tableName });
    new CfnOutput(this, 'ArchivesBucket', { value: archives.bucket.bucketName });
    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'AlarmTopicArn', { value: alarms.topic.topicArn });
    new CfnOutput(this, 'DashboardUrl', { value: dashboard.url });
    new CfnOutput(this, 'ReconcileFunction', { value: reconciliation.function.functionName });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: reconciliation.deadLetters.queueUrl });
  }

  #functionDefaults(settings: Settings, dataStore: DataStore, archives: ArchiveBucket): FunctionDefaults {
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
        ARCHIVES_BUCKET: archives.bucket.bucketName,
        DESTINATION_GITLAB_URL: settings.destinationUrl,
        ALLOW_PRIVATE_NETWORKS: String(settings.allowPrivateNetworks),
        ...(settings.requireDirectTransfer && { REQUIRE_DIRECT_TRANSFER: 'true' }),
        ...(settings.allowLoopback && { ALLOW_LOOPBACK: 'true' }),
        ...(settings.sourcePorts && { SOURCE_PORTS: settings.sourcePorts.join(',') }),
        ...chosen(variablesOf(settings)),
        METRICS_DEPLOYMENT: this.stackName,
      },
      ...(network && { network }),
    };
  }
}
