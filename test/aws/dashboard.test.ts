import { describe, expect, it } from 'vitest';
import { LogEvent } from '../../lambdas/platform/logger.ts';
import { alarmsOf, dashboardOf, synthesize } from './synthesized.ts';

const template = synthesize({ runbookUrl: 'https://wiki.example.com/runbook' });
const dashboard = dashboardOf(template);
const { widgets } = dashboard;

describe('the dashboard', () => {
  it('shows the last eight hours, in periods that fit what is shown', () => {
    expect(dashboard).toMatchObject({ start: '-PT8H', periodOverride: 'auto' });
  });

  it('answers the questions of an operator from top to bottom', () => {
    const questions = widgets.flatMap(
      ({ properties }) => /^## (.+)$/m.exec(properties.markdown ?? '')?.[1] ?? [],
    );

    expect(questions).toEqual([
      'Is anything wrong?',
      'What is being migrated, and how far?',
      'How fast?',
      'How do projects travel?',
      'What fails, and why?',
      'Which GitLab slows us?',
      'The API',
      'The workflow',
      'The table',
      'What costs money?',
    ]);
  });

  it('begins with links and the state of every alarm', () => {
    const [links, , status] = widgets;

    expect(links?.properties.markdown).toContain(
      '[button:primary:Runbook](https://wiki.example.com/runbook)',
    );
    expect(links?.properties.markdown).toContain('#/statemachines/view/');
    expect(status).toMatchObject({ type: 'alarm' });
    expect(status?.properties.alarms).toHaveLength(alarmsOf(template).size);
  });

  it('has the progress widget, which may read the table and nothing else', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith('OperationsProgressWidgetRole'),
    );
    const actions = policies
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: string | string[] }[])
      .flatMap(({ Action }) => Action)
      .filter(action => action.startsWith('dynamodb:'));

    expect(widgets.filter(({ type }) => type === 'custom')).toHaveLength(1);
    expect(new Set(actions)).toEqual(
      new Set(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']),
    );
  });

  it('asks the logs only for events that are logged', () => {
    const queries = widgets.flatMap(({ properties }) => properties.query ?? []);
    const asked = queries.flatMap(query =>
      [...query.matchAll(/message = "([^"]+)"/g)].map(([, event]) => event),
    );

    expect(queries).toHaveLength(7);
    expect(asked).toHaveLength(5);
    for (const event of asked) expect(Object.values(LogEvent)).toContain(event);
  });
});
