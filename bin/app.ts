/** The CDK app: `npx cdk deploy -c destinationUrl=https://gitlab.example.com`. */

import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BulkImportsStack } from '../lib/aws/bulk-imports-stack.ts';
import { DeploymentSettingsError, readSettings } from '../lib/aws/settings.ts';

const app = new App();
try {
  const settings = readSettings(app.node);
  new BulkImportsStack(app, `GitLabBulkImports-${settings.stage}`, {
    settings,
    description: "GitLab's Bulk Imports API (direct transfer) as a service",
    terminationProtection: !settings.removeDataOnDestroy,
  });
  Tags.of(app).add('application', 'gitlab-bulk-imports');
  Tags.of(app).add('stage', settings.stage);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} catch (error) {
  if (!(error instanceof DeploymentSettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
