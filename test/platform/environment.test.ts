import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { environment, MissingEnvironmentVariable } from '../../lambdas/platform/environment.ts';

const REQUIRED = [
  ['TABLE_NAME', environment.tableName],
  ['DESTINATION_GITLAB_URL', environment.destinationUrl],
  ['STATE_MACHINE_ARN', environment.stateMachineArn],
  ['TOKEN_KEY_FILE', environment.tokenKeyFile],
  ['GROUPS_LANE', environment.lanes],
] as const;

const NUMBERS = [
  ['IMPORTS_PER_MINUTE', environment.importsPerMinute, 6],
  ['PROJECTS_IN_PARALLEL', environment.projectsInParallel, 50],
  ['ENTITIES_IN_PARALLEL', environment.entitiesInParallel, 20],
] as const;

beforeEach(() => {
  for (const [variable] of [...REQUIRED, ...NUMBERS]) vi.stubEnv(variable, '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(REQUIRED)('%s', (variable, read) => {
  it('is named when it is not set', () => {
    expect(read).toThrow(MissingEnvironmentVariable);
    expect(read).toThrow(`The environment variable ${variable} is not set.`);
  });
});

describe.each(NUMBERS)('%s', (variable, read, otherwise) => {
  it('has a default', () => {
    expect(read()).toBe(otherwise);
  });

  it('is read as a number', () => {
    vi.stubEnv(variable, '60');

    expect(read()).toBe(60);
  });

  it.each(['0', '-1', '1.5', 'many'])('is named when it is %s', value => {
    vi.stubEnv(variable, value);

    expect(read).toThrow(
      `The environment variable ${variable} must be a whole number above 0, not '${value}'.`,
    );
  });
});

it.each(['https://gitlab.example', 'https://gitlab.example/', 'https://gitlab.example//'])(
  'reads the destination %s without slashes at its end',
  url => {
    vi.stubEnv('DESTINATION_GITLAB_URL', url);

    expect(environment.destinationUrl()).toBe('https://gitlab.example');
  },
);

it('reads the function of each lane', () => {
  vi.stubEnv('GROUPS_LANE', 'groups-function');
  vi.stubEnv('PROJECTS_LANE', 'projects-function');
  vi.stubEnv('ARCHIVES_LANE', 'archives-function');

  expect(environment.lanes()).toEqual({
    groups: 'groups-function',
    projects: 'projects-function',
    archives: 'archives-function',
  });
});

describe('SOURCE_PORTS', () => {
  it.each([
    ['', undefined],
    ['443', [443]],
    ['443, 8443', [443, 8443]],
  ])('%j is read as %j', (text, ports) => {
    vi.stubEnv('SOURCE_PORTS', text);

    expect(environment.sourcePorts()).toEqual(ports);
  });

  it.each(['0', '65536', 'https', '443,', '1e3', '-1'])('is named when it is %s', text => {
    vi.stubEnv('SOURCE_PORTS', text);

    expect(environment.sourcePorts).toThrow(
      `The environment variable SOURCE_PORTS must be ports from 1 to 65535`,
    );
  });
});
