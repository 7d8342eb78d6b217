import { normalizeBaseUrl } from './base-url.ts';
import { DEFAULT_ENTITIES_IN_PARALLEL } from './entities-in-parallel.ts';
import { LANE_NAMES, type LaneName, laneVariable } from './lanes.ts';
import { PORTS_RULE, parsePorts } from './port-list.ts';
import { PROJECT_RATES, type ProjectRateName } from './project-rates.ts';
import { DEFAULT_PROJECTS_IN_PARALLEL } from './projects-in-parallel.ts';

/**
 * Every environment variable that the Lambdas read, in one place. Each function of the service needs only some of
 * them, so they are read when asked for, and a missing one is an error that names it.
 */

/** Thrown when the deployment forgot a variable; the message names it. */
export class MissingEnvironmentVariable extends Error {
  override readonly name = 'MissingEnvironmentVariable';

  constructor(variable: string) {
    super(`The environment variable ${variable} is not set.`);
  }
}

export const environment = {
  /** Name of the DynamoDB table. */
  tableName: () => required('TABLE_NAME'),
  /** Base URL of the GitLab that receives the groups, normalised, e.g. `https://gitlab.example.com`. */
  destinationUrl: () => normalizeBaseUrl(required('DESTINATION_GITLAB_URL')),
  /** ARN of the `import` state machine. */
  stateMachineArn: () => required('STATE_MACHINE_ARN'),
  /** Whether URLs that callers and sources supply may be plain http and may resolve to private addresses. */
  allowPrivateNetworks: () => process.env.ALLOW_PRIVATE_NETWORKS === 'true',
  /** Whether the source must have direct transfer switched on, as GitLab demands, although nothing is exported. */
  requireDirectTransfer: () => process.env.REQUIRE_DIRECT_TRANSFER === 'true',
  /** The only ports that source URLs may have; `undefined` when nobody has chosen any. */
  sourcePorts: () => ports('SOURCE_PORTS'),
  /**
   * Whether URLs may lead to this machine and to link-local addresses. On a laptop they are the user's own; in a Lambda
   * they are AWS's, and only a test of the deployment has GitLabs there.
   */
  allowLoopback: () =>
    process.env.AWS_LAMBDA_FUNCTION_NAME === undefined || process.env.ALLOW_LOOPBACK === 'true',
  /** URL of the proxy for https; lower case goes first, as in other programs. */
  httpsProxy: () => process.env.https_proxy || process.env.HTTPS_PROXY || undefined,
  /** URL of the proxy for http. */
  httpProxy: () => process.env.http_proxy || process.env.HTTP_PROXY || undefined,
  /** Hosts that are reached without a proxy. */
  noProxy: () => process.env.no_proxy || process.env.NO_PROXY || '',
  /** How many `POST /bulk_imports` a user may send per minute. GitLab's own limit is 6. */
  importsPerMinute: () => positiveInteger('IMPORTS_PER_MINUTE', 6),
  /** How often a minute a GitLab lets a user do this; 0 for no limit of ours. */
  projectRate: (name: ProjectRateName) =>
    wholeNumber(PROJECT_RATES[name].variable, PROJECT_RATES[name].otherwise, 0),
  /** How many entities of one import are migrated at the same time, at most. GitLab's own number is 5. */
  entitiesInParallel: () => positiveInteger('ENTITIES_IN_PARALLEL', DEFAULT_ENTITIES_IN_PARALLEL),
  /** A budget of `lambdas/gitlab/budgets.ts` as it was written; `undefined` when nobody has chosen it. */
  budget: (variable: string) => process.env[variable] || undefined,
  /** ARN of the KMS key that seals tokens; absent on a laptop. */
  tokenKeyArn: () => process.env.TOKEN_KEY_ARN,
  /** Path of the file with the key (32 bytes) that stands in for KMS on a laptop. */
  tokenKeyFile: () => required('TOKEN_KEY_FILE'),
  /** Name of the deployment in metrics; without it none are written. */
  metricsDeployment: () => process.env.METRICS_DEPLOYMENT || undefined,
  /** Name or ARN of the function of each lane. */
  lanes: () =>
    Object.fromEntries(LANE_NAMES.map(name => [name, required(laneVariable(name))])) as Record<
      LaneName,
      string
    >,
  /** Name of the bucket of archives; absent on a laptop. */
  archivesBucket: () => process.env.ARCHIVES_BUCKET || undefined,
  /** Path of the folder that stands in for the bucket on a laptop. */
  archivesFolder: () => required('ARCHIVES_FOLDER'),
  /**
   * Base URL under which a GitLab can fetch archives; absent on a laptop, which no GitLab reaches.
   */
  archiveLinksUrl: () => process.env.ARCHIVE_LINKS_URL || undefined,
  /** Whether the SDK asks something else than AWS: an emulator. */
  hasOwnAwsEndpoint: () => Boolean(process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL),
  /** How many projects of one import are migrated at the same time, at most. */
  projectsInParallel: () => positiveInteger('PROJECTS_IN_PARALLEL', DEFAULT_PROJECTS_IN_PARALLEL),
};

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') throw new MissingEnvironmentVariable(variable);
  return value;
}

function positiveInteger(variable: string, otherwise: number): number {
  return wholeNumber(variable, otherwise, 1);
}

function wholeNumber(variable: string, otherwise: number, least: 0 | 1): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    const range = least === 1 ? 'a whole number above 0' : 'a whole number, 0 or more';
    throw new Error(`The environment variable ${variable} must be ${range}, not '${text}'.`);
  }
  return value;
}

function ports(variable: string): number[] | undefined {
  const text = process.env[variable];
  if (text === undefined || text === '') return undefined;
  const parsed = parsePorts(text);
  if (parsed === undefined) {
    throw new Error(`The environment variable ${variable} must be ${PORTS_RULE}, not '${text}'.`);
  }
  return parsed;
}
