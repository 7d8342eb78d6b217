import {
  type ChosenBudgets,
  OPERATOR_BUDGET_NAMES,
  OPERATOR_BUDGETS,
  parseBudget,
} from '../../lambdas/gitlab/budgets.ts';
import { checkProxies, ProxySettingError } from '../../lambdas/gitlab/proxies.ts';
import {
  ENTITIES_IN_PARALLEL_RULE,
  MOST_ENTITIES_IN_PARALLEL,
} from '../../lambdas/platform/entities-in-parallel.ts';
import { PORTS_RULE, parsePorts } from '../../lambdas/platform/port-list.ts';
import { type ChosenRates, PROJECT_RATE_NAMES, PROJECT_RATES } from '../../lambdas/platform/project-rates.ts';
import {
  MOST_PROJECTS_IN_PARALLEL,
  PROJECTS_IN_PARALLEL_RULE,
} from '../../lambdas/platform/projects-in-parallel.ts';
import type { LocalServiceOptions } from './service.ts';
import { StartError } from './start-error.ts';

/** What is wrong with the environment of `npm start`, for the person who typed it. */
export class SettingsError extends StartError {
  override readonly name = 'SettingsError';
}

const DEFAULT_PORT = 3000;

/** Reads the settings of `npm start`. @throws SettingsError that names the variable and what it takes */
export function readSettings(env: NodeJS.ProcessEnv): LocalServiceOptions {
  const destinationUrl = env.DESTINATION_GITLAB_URL ?? '';
  if (!URL.canParse(destinationUrl) || !/^https?:$/.test(new URL(destinationUrl).protocol)) {
    throw new SettingsError(
      destinationUrl === ''
        ? 'Set DESTINATION_GITLAB_URL to the base URL of the GitLab that receives the groups, for example:\n\n  DESTINATION_GITLAB_URL=https://gitlab.example.com npm start\n\nTo see a migration without any GitLab, run: npm run demo'
        : `DESTINATION_GITLAB_URL must be an http or https URL, not '${destinationUrl}'.`,
    );
  }
  refuseOtherProxies(env);
  const sourcePorts = ports(env, 'SOURCE_PORTS');
  const importsPerMinute = wholeNumber(env, 'IMPORTS_PER_MINUTE', 1);
  const entitiesInParallel = wholeNumber(env, 'ENTITIES_IN_PARALLEL', 1);
  if (entitiesInParallel !== undefined && entitiesInParallel > MOST_ENTITIES_IN_PARALLEL) {
    throw new SettingsError(
      `ENTITIES_IN_PARALLEL must be ${ENTITIES_IN_PARALLEL_RULE}, not '${entitiesInParallel}'.`,
    );
  }
  const projectsInParallel = wholeNumber(env, 'PROJECTS_IN_PARALLEL', 1);
  if (projectsInParallel !== undefined && projectsInParallel > MOST_PROJECTS_IN_PARALLEL) {
    throw new SettingsError(
      `PROJECTS_IN_PARALLEL must be ${PROJECTS_IN_PARALLEL_RULE}, not '${projectsInParallel}'.`,
    );
  }
  const budgets = chosenBudgets(env);
  return {
    destinationUrl,
    port: wholeNumber(env, 'PORT', 0) ?? DEFAULT_PORT,
    dataDir: env.DATA_DIR || '.local',
    allowPrivateNetworks: env.ALLOW_PRIVATE_NETWORKS === 'true',
    requireDirectTransfer: env.REQUIRE_DIRECT_TRANSFER === 'true',
    ...(sourcePorts !== undefined && { sourcePorts }),
    ...(importsPerMinute !== undefined && { importsPerMinute }),
    ...(entitiesInParallel !== undefined && { entitiesInParallel }),
    ...(projectsInParallel !== undefined && { projectsInParallel }),
    ...chosenRates(env),
    ...(Object.keys(budgets).length > 0 && { budgets }),
  };
}

function chosenRates(env: NodeJS.ProcessEnv): ChosenRates {
  const rates: ChosenRates = {};
  for (const name of PROJECT_RATE_NAMES) {
    const rate = wholeNumber(env, PROJECT_RATES[name].variable, 0);
    if (rate !== undefined) rates[name] = rate;
  }
  return rates;
}

function chosenBudgets(env: NodeJS.ProcessEnv): ChosenBudgets {
  const budgets: ChosenBudgets = {};
  for (const name of OPERATOR_BUDGET_NAMES) {
    const { variable } = OPERATOR_BUDGETS[name];
    const text = env[variable];
    if (text === undefined || text === '') continue;
    try {
      budgets[name] = parseBudget(name, text);
    } catch (error) {
      throw new SettingsError(`${variable} ${(error as Error).message}.`);
    }
  }
  return budgets;
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, least: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new SettingsError(`${name} must be a whole number of at least ${least}, not '${text}'.`);
}

function ports(env: NodeJS.ProcessEnv, name: string): number[] | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const parsed = parsePorts(text);
  if (parsed === undefined) throw new SettingsError(`${name} must be ${PORTS_RULE}, not '${text}'.`);
  return parsed;
}

function refuseOtherProxies(env: NodeJS.ProcessEnv): void {
  try {
    checkProxies(env);
  } catch (error) {
    throw error instanceof ProxySettingError ? new SettingsError(error.message) : error;
  }
}
