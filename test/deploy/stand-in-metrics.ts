import { readFile, writeFile } from 'node:fs/promises';

interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

/** Deployable anywhere; no alarm is evaluated in the test. */
const STAND_IN = { Namespace: 'DeploymentTest', MetricName: 'StandIn', Statistic: 'Sum', Period: 300 };

/**
 * Gives alarms on metric math, which the emulator cannot make, an ordinary metric in the template that is about to be
 * deployed, so that what refers to them can be made. Their expressions are checked in `test/aws/`.
 *
 * @returns the logical ids of those alarms
 */
export async function standInForMetricMath(templateFile: string): Promise<string[]> {
  const template = JSON.parse(await readFile(templateFile, 'utf8')) as Template;
  const changed: string[] = [];
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (resource.Type !== 'AWS::CloudWatch::Alarm' || resource.Properties?.Metrics === undefined) continue;
    const { Metrics: _, ...others } = resource.Properties;
    resource.Properties = { ...others, ...STAND_IN };
    changed.push(id);
  }
  await writeFile(templateFile, JSON.stringify(template));
  return changed;
}
