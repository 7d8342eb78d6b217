import type { Node } from 'constructs';
import * as z from 'zod';
import {
  OPERATOR_BUDGET_NAMES,
  OPERATOR_BUDGETS,
  type OperatorBudgetName,
} from '../../lambdas/gitlab/budgets.ts';
import {
  DEFAULT_ENTITIES_IN_PARALLEL,
  ENTITIES_IN_PARALLEL_RULE,
  MOST_ENTITIES_IN_PARALLEL,
} from '../../lambdas/platform/entities-in-parallel.ts';
import { PORTS_RULE, parsePorts } from '../../lambdas/platform/port-list.ts';
import { PROJECT_RATE_NAMES, type ProjectRateName } from '../../lambdas/platform/project-rates.ts';
import {
  DEFAULT_PROJECTS_IN_PARALLEL,
  MOST_PROJECTS_IN_PARALLEL,
  PROJECTS_IN_PARALLEL_RULE,
} from '../../lambdas/platform/projects-in-parallel.ts';

/** What is wrong with the settings of a deployment, for the person who runs it. */
export class DeploymentSettingsError extends Error {
  override readonly name: string = 'DeploymentSettingsError';
}

/** No destination was given. What needs only the name of the stack (`cdk bootstrap`, `cdk destroy`) goes on without. */
export class MissingDestinationError extends DeploymentSettingsError {
  override readonly name = 'MissingDestinationError';
  /** Name of the deployment. */
  readonly stage: string;

  constructor(stage: string) {
    super('Tell which GitLab receives the groups: -c destinationUrl=https://gitlab.example.com');
    this.stage = stage;
  }
}

const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] });
const number = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const list = z
  .string()
  .transform(text => text.split(',').map(part => part.trim()))
  .pipe(z.array(z.string().min(1)).min(1));
const ports = z
  .string()
  .refine(text => parsePorts(text) !== undefined, PORTS_RULE)
  .transform(parsePorts);

/** CloudWatch keeps logs for these numbers of days and no others. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** How often a minute a GitLab lets a user do something with whole projects. */
const rates = Object.fromEntries(
  PROJECT_RATE_NAMES.map(name => [name, number(0, 10_000).optional()]),
) as Record<ProjectRateName, z.ZodOptional<ReturnType<typeof number>>>;

/** The budgets of what a GitLab may send, each by its rule; a default without it. */
const budgets = Object.fromEntries(
  OPERATOR_BUDGET_NAMES.map(name => {
    const { least, most } = OPERATOR_BUDGETS[name];
    return [name, number(least, most).optional()];
  }),
) as Record<OperatorBudgetName, z.ZodOptional<ReturnType<typeof number>>>;

const settingsSchema = z
  .object({
    ...budgets,
    /** Base URL of the GitLab that receives the groups. */
    destinationUrl: z.url({ protocol: /^https?$/ }),
    /** Name of the deployment; several can live in one account. */
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,19}$/, 'lower-case letters, digits and hyphens, at most 20')
      .default('prod'),
    entitiesInParallel: z.coerce
      .number()
      .refine(
        groups => Number.isInteger(groups) && groups >= 1 && groups <= MOST_ENTITIES_IN_PARALLEL,
        ENTITIES_IN_PARALLEL_RULE,
      )
      .default(DEFAULT_ENTITIES_IN_PARALLEL),
    /** How many projects of one import are migrated at the same time, at most. */
    projectsInParallel: z.coerce
      .number()
      .refine(
        projects => Number.isInteger(projects) && projects >= 1 && projects <= MOST_PROJECTS_IN_PARALLEL,
        PROJECTS_IN_PARALLEL_RULE,
      )
      .default(DEFAULT_PROJECTS_IN_PARALLEL),
    /** What the GitLabs allow per minute; GitLab's own numbers (6, 6, 1) without it, no limit with 0. */
    ...rates,
    importsPerMinute: number(1, 1000).default(6),
    logRetentionDays: z.coerce
      .number()
      .refine(days => RETENTION_DAYS.includes(days), `one of ${RETENTION_DAYS.join(', ')}`)
      .default(90),
    /** Who is told by alarms. Nobody without it. */
    alarmEmail: z.email().optional(),
    /** Where `docs/runbook.md` of this deployment can be read, for the links of alarms and dashboard. */
    runbookUrl: z.url({ protocol: /^https?$/ }).optional(),
    allowPrivateNetworks: flag.default(false),
    /** Whether the source must have direct transfer switched on, as GitLab demands. */
    requireDirectTransfer: flag.default(false),
    /** The only ports that source URLs may have. GitLab's rule without it. */
    sourcePorts: ports.optional(),
    /** VPC for GitLabs that are not on the internet, with its subnets and their availability zones. */
    vpcId: z.string().regex(/^vpc-/).optional(),
    subnetIds: list.optional(),
    availabilityZones: list.optional(),
    /** Whether URLs may lead to where the functions run. For tests of the deployment, whose GitLabs are there. */
    allowLoopback: flag.default(false),
    /** Whether `destroy` removes the table and the keys too. For tests of the deployment. */
    removeDataOnDestroy: flag.default(false),
  })
  .check(context => {
    const { destinationUrl, allowPrivateNetworks } = context.value;
    if (/^http:/i.test(destinationUrl) && !allowPrivateNetworks) {
      context.issues.push({
        code: 'custom',
        path: ['destinationUrl'],
        message:
          "must begin with https: the callers' tokens would travel in clear to a plain http URL. Only a GitLab in a private network may have one, with -c allowPrivateNetworks=true",
        input: destinationUrl,
      });
    }
  })
  .check(context => {
    const { vpcId, subnetIds, availabilityZones } = context.value;
    const given = [vpcId, subnetIds, availabilityZones].filter(value => value !== undefined).length;
    if (given !== 0 && given !== 3) {
      context.issues.push({
        code: 'custom',
        path: ['vpcId'],
        message: 'vpcId, subnetIds and availabilityZones go together',
        input: context.value,
      });
    } else if (subnetIds && availabilityZones && subnetIds.length !== availabilityZones.length) {
      context.issues.push({
        code: 'custom',
        path: ['availabilityZones'],
        message: 'one for each of subnetIds',
        input: context.value,
      });
    }
  });

/** The settings of a deployment, from CDK context (`-c name=value` or `cdk.json`). */
export type Settings = z.infer<typeof settingsSchema>;

/**
 * Reads the settings from the context.
 *
 * @throws DeploymentSettingsError that names every setting that is wrong
 * @throws MissingDestinationError when there is no destination
 */
export function readSettings(node: Pick<Node, 'tryGetContext'>): Settings {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).map(name => [name, node.tryGetContext(name) as unknown]),
  );
  const text = asText(given);
  if (text.destinationUrl === undefined) {
    throw new MissingDestinationError(parse(z.object({ stage: settingsSchema.shape.stage }), text).stage);
  }
  return parse(settingsSchema, text);
}

function parse<Schema extends z.ZodType>(schema: Schema, text: Record<string, unknown>): z.infer<Schema> {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(issue => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new DeploymentSettingsError(`These settings cannot be used:\n${problems.join('\n')}`);
}

/** Values from the command line are text, those from cdk.json may be numbers or booleans. */
function asText(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );
}
