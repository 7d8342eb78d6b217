import { Stack } from 'aws-cdk-lib';
import { type IWidget, TextWidget, TextWidgetBackground } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { deploymentOf } from '../service-metrics.ts';
import type { MonitoredService } from './monitored-service.ts';
import { FULL } from './widgets.ts';

/** Where to look further: the runbook, and the pages of the AWS console about this deployment. */
export function linksRow(scope: Construct, service: MonitoredService, runbook: string): IWidget[] {
  const { api, workflow, dataStore } = service;
  const deployment = deploymentOf(scope);
  const links = {
    'Runs of the workflow': consoleUrl(
      scope,
      'states',
      `/statemachines/view/${workflow.stateMachine.stateMachineArn}`,
    ),
    'Logs of all functions': consoleUrl(scope, 'cloudwatch', 'logsV2:logs-insights'),
    'Log groups': consoleUrl(scope, 'cloudwatch', `logsV2:log-groups$3FlogGroupNameFilter$3D${deployment}`),
    Traces: consoleUrl(scope, 'cloudwatch', 'xray:traces/query'),
    Alarms: consoleUrl(scope, 'cloudwatch', `alarmsV2:?search=${deployment}`),
    Table: consoleUrl(scope, 'dynamodbv2', `table?name=${dataStore.table.tableName}`),
    API: api.httpApi.apiEndpoint,
  };
  const list = Object.entries(links).map(([name, url]) => `[button:${name}](${url})`);
  const runbookLink = runbook.startsWith('http')
    ? `[button:primary:Runbook](${runbook})`
    : `Runbook: \`${runbook}\``;
  return [
    new TextWidget({
      width: FULL,
      height: 2,
      markdown: `${[runbookLink, ...list].join(' ')}\n\nAll times and figures are of the deployment **${deployment}** only. Metrics of imports come every minute, those of open imports every 15 minutes.`,
      background: TextWidgetBackground.TRANSPARENT,
    }),
  ];
}

/** The address of a page of the AWS console, in the region of the deployment. */
export function consoleUrl(scope: Construct, service: string, path: string): string {
  const { region } = Stack.of(scope);
  return `https://${region}.console.aws.amazon.com/${service}/home?region=${region}#${path}`;
}
