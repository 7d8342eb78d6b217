import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { DataStore } from '../data-store.ts';
import type { Api } from '../http-api.ts';
import type { Reconciliation } from '../reconciliation.ts';
import type { ServiceFunction } from '../service-function.ts';
import type { Workflow } from '../workflow.ts';

/** The parts of the service that the dashboard draws. */
export interface MonitoredService {
  api: Api;
  workflow: Workflow;
  reconciliation: Reconciliation;
  dataStore: DataStore;
}

export function apiLogs({ api }: MonitoredService): ILogGroup[] {
  return logsOf(api.functions.values());
}

export function laneLogs({ workflow }: MonitoredService): ILogGroup[] {
  return logsOf(workflow.lanes.values());
}

/** The logs of all functions that migrate: lanes, steps and reconciliation. */
export function workflowLogs(service: MonitoredService): ILogGroup[] {
  const { workflow, reconciliation } = service;
  return [...laneLogs(service), ...logsOf([...workflow.steps.values(), reconciliation.function])];
}

function logsOf(functions: Iterable<ServiceFunction>): ILogGroup[] {
  return [...functions].map(({ logGroup }) => logGroup);
}
