import { type Alarm, Dashboard, type IWidget, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type FunctionDefaults, ServiceFunction } from '../service-function.ts';
import { deploymentOf } from '../service-metrics.ts';
import { gitlabRows } from './gitlab-rows.ts';
import { healthRows } from './health-rows.ts';
import { consoleUrl, linksRow } from './links.ts';
import { failureRows, progressRows, projectRows, speedRows } from './migration-rows.ts';
import type { MonitoredService } from './monitored-service.ts';
import { apiRows, costRows, tableRows, workflowRows } from './platform-rows.ts';

export interface DashboardProps extends MonitoredService {
  defaults: FunctionDefaults;
  alarms: Alarm[];
  /** Where `docs/runbook.md` can be read. */
  runbook: string;
}

/**
 * One page that answers an operator's questions from top to bottom: is anything wrong, what is being migrated and how
 * far, how fast, what fails and why, which GitLab slows us, then the parts of the service and what they cost.
 */
export class OperationsDashboard extends Construct {
  readonly url: string;
  /** Draws the imports in flight. */
  readonly progressWidget: ServiceFunction;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.progressWidget = new ServiceFunction(this, 'ProgressWidget', {
      kind: 'progress',
      file: 'widget',
      description: 'Draws the imports in flight on the dashboard',
      defaults: props.defaults,
      speaksToGitLab: false,
    });
    props.dataStore.grantReadItems(this.progressWidget);

    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: deploymentOf(this),
      start: '-PT8H',
      periodOverride: PeriodOverride.AUTO,
    });
    const rows: IWidget[][] = [
      linksRow(this, props, props.runbook),
      ...healthRows(props.alarms),
      ...progressRows(this, props, this.progressWidget),
      ...speedRows(this),
      ...projectRows(this),
      ...failureRows(this, props),
      ...gitlabRows(this, props),
      ...apiRows(props),
      ...workflowRows(props),
      ...tableRows(props),
      ...costRows(props),
    ];
    for (const row of rows) dashboard.addWidgets(...row);
    this.url = consoleUrl(this, 'cloudwatch', `dashboards/dashboard/${deploymentOf(this)}`);
  }
}
