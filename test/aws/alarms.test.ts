import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { alarmsOf, metricsOfAlarm, synthesize } from './synthesized.ts';

const template = synthesize({ alarmEmail: 'operator@example.com' });
const alarms = alarmsOf(template);
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

/** The anchors of the headings, as GitHub makes them. */
const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-'),
);
const articleOf = (description: string) => /#([\w-]+)$/.exec(description)?.[1] ?? '';

describe('the alarms', () => {
  it.each([
    ['ApiErrors', 1, '2 of 3'],
    ['ApiLatency', 3_000, '2 of 3'],
    ['ExecutionsFailed', 0, '1 of 1'],
    ['ImportsReconciled', 0, '1 of 1'],
    ['DeadLetters', 0, '1 of 1'],
    ['OldestOpenImport', 86_400, '1 of 1'],
    ['Standstill', 1_800, '1 of 1'],
    ['JobDeadlines', 0, '1 of 1'],
    ['RecordsMissing', 0, '1 of 1'],
    ['ApiFunctionErrors1', 0.01, '1 of 1'],
    ['ApiFunctionThrottles2', 0, '1 of 1'],
    ['ApiFunctionDuration1', 23_200, '1 of 1'],
    ['WorkflowFunctionDuration', 48_000, '1 of 1'],
    ['LaneFunctionDuration', 891_000, '1 of 1'],
    ['TableThrottles', 0, '1 of 1'],
    ['TableErrors', 0, '1 of 1'],
  ])('%s goes off above %s, %s', (name, threshold, periods) => {
    const alarm = alarms.get(name);

    expect(alarm).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(`${alarm?.DatapointsToAlarm} of ${alarm?.EvaluationPeriods}`).toBe(periods);
  });

  it.each([...alarms])('%s names an article of the runbook', (_, { AlarmDescription }) => {
    expect(AlarmDescription).toContain('docs/runbook.md#');
    expect(anchors).toContain(articleOf(AlarmDescription));
  });

  it('have every article of the runbook', () => {
    const articles = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );

    const named = new Set([...alarms.values()].map(({ AlarmDescription }) => articleOf(AlarmDescription)));

    expect([...named].sort()).toEqual(articles.sort());
  });

  it.each([...alarms])('%s keeps to the ten metrics that CloudWatch allows', (_, alarm) => {
    expect(metricsOfAlarm(alarm).length).toBeLessThanOrEqual(10);
  });

  it.each(['Errors', 'Throttles', 'Duration'])('watch the %s of every function but the widget', metric => {
    const functions = Object.keys(
      template.findResources('AWS::Lambda::Function', { Properties: { Runtime: 'nodejs24.x' } }),
    );

    const watched = [...alarms.values()]
      .flatMap(({ Metrics = [] }) => Metrics)
      .filter(({ MetricStat }) => MetricStat?.Metric.MetricName === metric)
      .map(({ MetricStat }) => MetricStat?.Metric.Dimensions?.[0]?.Value);

    const expected = functions.filter(id => !id.startsWith('OperationsProgressWidget')).map(Ref => ({ Ref }));
    expect(watched).toHaveLength(expected.length);
    expect(watched).toEqual(expect.arrayContaining(expected));
  });

  it('link to where the runbook can be read', () => {
    const [alarm] = alarmsOf(synthesize({ runbookUrl: 'https://wiki.example.com/runbook' })).values();

    expect(alarm?.AlarmDescription).toMatch(/https:\/\/wiki\.example\.com\/runbook#[\w-]+$/);
  });
});

describe('who is told', () => {
  it('is the address of the settings, by an encrypted topic that CloudWatch may use', () => {
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'operator@example.com',
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
        ]),
      },
    });
  });

  it('is nobody without an address', () => {
    synthesize().resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it.each([...alarms])('hears of %s', (_, { AlarmActions }) => {
    expect(AlarmActions).toHaveLength(1);
  });
});
