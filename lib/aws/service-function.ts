import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { TIMEOUT_SECONDS } from '../../lambdas/platform/timeouts.ts';
import { acknowledge } from './acknowledge.ts';
import { bundlingOf } from './bundling.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = {
  api: 'api/endpoints',
  workflow: 'workflow',
  lane: 'workflow',
  progress: 'progress',
} as const;

/** What all functions of a deployment share. */
export interface FunctionDefaults {
  logRetention: RetentionDays;
  /** Variables that every function may read. */
  environment: Record<string, string>;
  /** Where functions that speak to a GitLab run, when the GitLabs are not on the internet. */
  network?: { vpc: IVpc; subnets: ISubnet[] };
}

export interface ServiceFunctionProps {
  kind: keyof typeof FOLDERS;
  /** File in the kind's folder, without its ending. */
  file: string;
  description: string;
  defaults: FunctionDefaults;
  /** Variables of this function only. */
  environment?: Record<string, string>;
  /** MB; 512 unless given, which is a third of a CPU. */
  memory?: number;
  /** Whether it speaks to a GitLab, and so belongs into the VPC if there is one. */
  speaksToGitLab: boolean;
}

/**
 * One Lambda function: a handler bundled with everything it needs, its own log group with a retention, its own role.
 * Permissions are granted by the constructs that own what is permitted.
 */
export class ServiceFunction extends NodejsFunction {
  /** Its own role. */
  readonly ownRole: Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const { kind, file, defaults, speaksToGitLab } = props;
    const network = speaksToGitLab ? defaults.network : undefined;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: defaults.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `May do what ${kind}/${file} needs`,
    });
    const entry = `${REPOSITORY}lambdas/${FOLDERS[kind]}/${file}.ts`;
    const { supported, target, minify, external, mainFields } = bundlingOf(entry);
    super(scope, id, {
      role,
      entry,
      handler: 'handler',
      projectRoot: REPOSITORY,
      depsLockFilePath: `${REPOSITORY}package-lock.json`,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memory ?? 512,
      timeout: Duration.seconds(TIMEOUT_SECONDS[kind]),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: 'gitlab-bulk-imports',
        ...defaults.environment,
        ...props.environment,
      },
      ...(network !== undefined && { vpc: network.vpc, vpcSubnets: { subnets: network.subnets } }),
      bundling: {
        format: OutputFormat.CJS,
        esbuildArgs: Object.fromEntries(
          Object.entries(supported).map(([feature, is]) => [`--supported:${feature}`, String(is)]),
        ),
        target,
        minify,
        sourceMap: true,
        sourceMapMode: SourceMapMode.EXTERNAL,
        externalModules: external,
        mainFields,
      },
    });
    this.ownRole = role;
    // Its own log group only, instead of AWS's managed policy for all of them.
    logGroup.grantWrite(role);
    acknowledge(role, 'IAM5[Resource::*]', 'X-Ray has no resources to name: PutTraceSegments takes only *.');
    if (network !== undefined) {
      role.addManagedPolicy(
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole'),
      );
      acknowledge(
        role,
        'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]',
        'Network interfaces of a VPC function cannot be named before they exist.',
      );
    }
  }
}
