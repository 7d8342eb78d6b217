import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { LANE_NAMES, type LaneName, laneVariable } from '../../lambdas/platform/lanes.ts';
import { LANES, WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';
import { workflowDefinition } from '../workflow-definition.ts';
import { acknowledge } from './acknowledge.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DataStore } from './data-store.ts';
import { grantOnExecutions } from './executions.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** Steps that read or erase tokens do not open them; only lanes do. */
export interface WorkflowProps {
  archives: ArchiveBucket;
  dataStore: DataStore;
  defaults: FunctionDefaults;
  entitiesInParallel: number;
  projectsInParallel: number;
  /** Variables of the lanes only. */
  variables: Record<string, string>;
}

interface LaneNeeds {
  /** MB. */
  memory: number;
  grant(archives: ArchiveBucket, lane: ServiceFunction): void;
}

/**
 * What the lanes need. Projects send short requests and wait, as groups do. Archives are bytes, decrypted from one TLS
 * connection and encrypted into the other: 1,769 MB are one whole CPU, which is what one stream can use, and hold two
 * parts of 16 MiB many times over.
 */
const LANE_NEEDS: Record<LaneName, LaneNeeds> = {
  groups: { memory: 512, grant: () => undefined },
  projects: { memory: 512, grant: (archives, lane) => archives.grantRead(lane) },
  archives: { memory: 1769, grant: (archives, lane) => archives.grantAll(lane) },
};

/** The steps that end imports, and remove what is left of archives. */
const ENDING_STEPS = new Set(['fail-import', 'finish-import']);

/** The state machine of `state-machines/`, one function per step and one per lane. */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;
  /** By the file of the step, e.g. `start-import`. */
  readonly steps = new Map<string, ServiceFunction>();
  /** By the name of the lane, e.g. `groups`. */
  readonly lanes = new Map<string, ServiceFunction>();

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    for (const name of LANE_NAMES) this.lanes.set(name, this.#lane(name, LANES[name], props));
    for (const file of Object.values(WORKFLOW_STEPS)) this.steps.set(file, this.#step(file, props));

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineType: StateMachineType.STANDARD,
      comment: 'Migrates the groups of one bulk import',
      // Inlined, not an asset: a reviewer of the template sees the definition.
      definitionBody: DefinitionBody.fromString(workflowDefinition()),
      definitionSubstitutions: Object.fromEntries(
        Object.entries(WORKFLOW_STEPS).map(([placeholder, file]) => [placeholder, this.#arnOf(file)]),
      ),
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: new LogGroup(this, 'Logs', {
          // Step Functions can write into few log groups per account unless their names begin like this.
          logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}`,
          retention: props.defaults.logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    this.#grantInvocations();
    this.#grantDistributedMap();
  }

  #lane(
    name: LaneName,
    file: string,
    { archives, dataStore, defaults, entitiesInParallel, variables }: WorkflowProps,
  ): ServiceFunction {
    const { memory, grant } = LANE_NEEDS[name];
    const lane = new ServiceFunction(this, `${pascalCase(name)}Lane`, {
      kind: 'lane',
      file,
      description: `Runs all pipelines of an entity, in the lane of ${name}`,
      defaults,
      speaksToGitLab: true,
      memory,
      environment: { ENTITIES_IN_PARALLEL: String(entitiesInParallel), ...variables },
    });
    grant(archives, lane);
    dataStore.grantItems(lane);
    dataStore.grantOpenTokens(lane);
    return lane;
  }

  #step(
    file: string,
    { archives, dataStore, defaults, entitiesInParallel, projectsInParallel }: WorkflowProps,
  ): ServiceFunction {
    const step = new ServiceFunction(this, pascalCase(file), {
      kind: 'workflow',
      file,
      description: `Step ${file} of the import workflow`,
      defaults,
      speaksToGitLab: false,
      environment: {
        ...(file === 'next-generation' && {
          ENTITIES_IN_PARALLEL: String(entitiesInParallel),
          PROJECTS_IN_PARALLEL: String(projectsInParallel),
          ...Object.fromEntries(LANE_NAMES.map(name => [laneVariable(name), this.#laneArn(name)])),
        }),
      },
    });
    dataStore.grantItems(step);
    if (ENDING_STEPS.has(file)) archives.grantRemove(step);
    return step;
  }

  #laneArn(name: LaneName): string {
    const lane = this.lanes.get(name);
    if (lane === undefined) throw new Error(`There is no lane '${name}'.`);
    return lane.functionArn;
  }

  #arnOf(file: string): string {
    const step = this.steps.get(file);
    if (step === undefined) throw new Error(`There is no step '${file}'.`);
    return step.functionArn;
  }

  /** `fromString` grants nothing: each function of the definition, and each lane, by name. */
  #grantInvocations(): void {
    const functions = [...this.steps.values(), ...this.lanes.values()];
    this.stateMachine.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ functionArn }) => functionArn),
      }),
    );
    acknowledge(
      this.stateMachine.role,
      'IAM5[Resource::*]',
      'Log delivery and X-Ray have no resources to name: their actions take only *.',
    );
  }

  /** A DISTRIBUTED Map runs its iterations as executions of the machine itself; a verification begins as one. */
  #grantDistributedMap(): void {
    const { stateMachine } = this;
    const role = stateMachine.role as Role;
    new Policy(this, 'StartChildren', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['states:StartExecution'],
          resources: [stateMachine.stateMachineArn],
        }),
      ],
    });
    grantOnExecutions(this, 'FollowChildren', {
      role,
      stateMachine,
      actions: ['states:DescribeExecution', 'states:StopExecution'],
    });
    grantOnExecutions(this, 'RedriveChildren', {
      role,
      stateMachine,
      actions: ['states:RedriveExecution'],
      children: true,
    });
  }
}

function pascalCase(name: string): string {
  return name
    .split(/[-_]/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
