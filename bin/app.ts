/** The CDK app: `npx cdk deploy -c destinationUrl=https://gitlab.example.com`. */

import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BulkImportsStack } from '../lib/aws/bulk-imports-stack.ts';
import { DeploymentSettingsError, MissingDestinationError, readSettings } from '../lib/aws/settings.ts';
import { StackWithoutDestination } from '../lib/aws/stack-without-destination.ts';

const app = new App();
const stackName = (stage: string) => `GitLabBulkImports-${stage}`;
try {
  const settings = readSettings(app.node);
  new BulkImportsStack(app, stackName(settings.stage), {
    settings,
    description: "GitLab's Bulk Imports API (direct transfer) as a service",
    terminationProtection: !settings.removeDataOnDestroy,
  });
  Tags.of(app).add('application', 'gitlab-bulk-imports');
  Tags.of(app).add('stage', settings.stage);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} catch (error) {
  if (!(error instanceof DeploymentSettingsError)) throw error;
  if (error instanceof MissingDestinationError) {
    new StackWithoutDestination(app, stackName(error.stage), error);
  } else {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
