import { describe, expect, it } from 'vitest';
import { DeploymentSettingsError, MissingDestinationError, readSettings } from '../../lib/aws/settings.ts';

const read = (context: Record<string, unknown>) =>
  readSettings({ tryGetContext: (name: string) => context[name] });
const destinationUrl = 'https://gitlab.example.com';

describe('the settings of a deployment', () => {
  it('need nothing but the destination', () => {
    expect(read({ destinationUrl })).toEqual({
      destinationUrl,
      stage: 'prod',
      entitiesInParallel: 20,
      projectsInParallel: 50,
      importsPerMinute: 6,
      logRetentionDays: 90,
      allowPrivateNetworks: false,
      requireDirectTransfer: false,
      allowLoopback: false,
      removeDataOnDestroy: false,
    });
  });

  it('are the same from the command line and from cdk.json', () => {
    const text = read({ destinationUrl, entitiesInParallel: '10', allowPrivateNetworks: 'true' });
    const json = read({ destinationUrl, entitiesInParallel: 10, allowPrivateNetworks: true });

    expect(text).toEqual(json);
    expect(text).toMatchObject({ entitiesInParallel: 10, allowPrivateNetworks: true });
  });

  it('have ports as a list', () => {
    expect(read({ destinationUrl, sourcePorts: '443, 8443' }).sourcePorts).toEqual([443, 8443]);
    expect(read({ destinationUrl, sourcePorts: [443, 8443] }).sourcePorts).toEqual([443, 8443]);
  });

  it('say what to add when the destination is missing', () => {
    expect(() => read({})).toThrow(DeploymentSettingsError);
    expect(() => read({})).toThrow('-c destinationUrl=https://gitlab.example.com');
  });

  it('have the name of the deployment even when the destination is missing', () => {
    expect(() => read({})).toThrow(new MissingDestinationError('prod'));
    expect(() => read({ stage: 'test' })).toThrow(new MissingDestinationError('test'));
    expect(() => read({ stage: 'TEST' })).toThrow(/cannot be used:\n {2}stage: /);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a destination that is no URL', { destinationUrl: 'gitlab.example.com' }, 'destinationUrl'],
    ['a destination of another scheme', { destinationUrl: 'ssh://gitlab.example.com' }, 'destinationUrl'],
    ['a plain http destination', { destinationUrl: 'http://gitlab.example.com' }, 'destinationUrl'],
    ['a stage in capitals', { stage: 'PROD' }, 'stage'],
    ['no entities in parallel', { entitiesInParallel: '0' }, 'entitiesInParallel'],
    ['more entities in parallel than functions', { entitiesInParallel: '41' }, 'entitiesInParallel'],
    ['a retention that CloudWatch does not have', { logRetentionDays: '42' }, 'logRetentionDays'],
    ['an address that is none', { alarmEmail: 'me' }, 'alarmEmail'],
    ['a flag that is none', { allowPrivateNetworks: 'yes' }, 'allowPrivateNetworks'],
    ['another flag that is none', { requireDirectTransfer: '1' }, 'requireDirectTransfer'],
    ['a port that is none', { sourcePorts: '443,http' }, 'sourcePorts'],
    ['a port beyond all', { sourcePorts: '65536' }, 'sourcePorts'],
    ['a response that no function has room for', { responseMegabytes: '33' }, 'responseMegabytes'],
    ['a list without pages', { pagesPerList: '0' }, 'pagesPerList'],
    ['a VPC without subnets', { vpcId: 'vpc-1' }, 'vpcId'],
    [
      'subnets without a zone each',
      { vpcId: 'vpc-1', subnetIds: 'subnet-1,subnet-2', availabilityZones: 'us-east-1a' },
      'availabilityZones',
    ],
  ])('refuse %s and name it', (_, context, name) => {
    expect(() => read({ destinationUrl, ...context })).toThrow(new RegExp(`cannot be used:\\n  ${name}: `));
  });

  it('take a plain http destination in a private network only, and say why', () => {
    const plain = { destinationUrl: 'http://gitlab.internal.example' };

    expect(() => read(plain)).toThrow("the callers' tokens would travel in clear");
    expect(read({ ...plain, allowPrivateNetworks: 'true' }).destinationUrl).toBe(plain.destinationUrl);
  });

  it('take up to 40 entities in parallel', () => {
    expect(read({ destinationUrl, entitiesInParallel: '40' }).entitiesInParallel).toBe(40);
  });

  it('name every problem at once', () => {
    expect(() => read({ destinationUrl, stage: '', importsPerMinute: 'many' })).toThrow(
      /stage: [\s\S]*importsPerMinute: /,
    );
  });
});
