import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BulkImportsStack } from '../../../lib/aws/bulk-imports-stack.ts';
import { readSettings } from '../../../lib/aws/settings.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/**
 * The template of the deployment with these settings, made without bundling any function, and without CloudFormation's
 * own rules, which only warn and take longer than all the rest: `npm run synth` and a deployment go by them.
 */
export function synthesize(settings: Record<string, string> = {}, stackName = 'Stack'): Template {
  const app = new App({
    builtinCloudFormationValidation: false,
    context: {
      'aws:cdk:bundling-stacks': [],
      destinationUrl: 'https://gitlab.example.com',
      ...settings,
    },
  });
  return Template.fromStack(new BulkImportsStack(app, stackName, { settings: readSettings(app.node) }));
}

/** The resources of a type by logical id. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.findResources(type)) as [string, Resource][];
}

/** All IAM statements of the roles whose logical id begins like this. */
export function statementsOf(template: Template, role: string): Statement[] {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, policy]) =>
      (policy.Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref.startsWith(role)),
    )
    .flatMap(([, policy]) => (policy.Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}

/** The actions that such roles are allowed, sorted. */
export function actionsOf(template: Template, role: string): string[] {
  return [...new Set(statementsOf(template, role).flatMap(({ Action }) => Action))].sort();
}
