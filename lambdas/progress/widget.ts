import * as z from 'zod/mini';
import { renderWidget } from './page.ts';
import { readProgress } from './read.ts';

/** What CloudWatch sends; everything that is not needed, or not as expected, is ignored. */
const eventSchema = z.object({
  describe: z.catch(z.optional(z.boolean()), undefined),
  widgetContext: z.catch(z.optional(z.object({ theme: z.optional(z.string()) })), undefined),
});

const DESCRIPTION = `## Imports in flight

Shows the bulk imports that are running, with a progress bar per group and project, those that ended last, what they wait for, and why records failed or were skipped.

It reads the service's table and takes no parameters. Let it refresh with the dashboard.

\`\`\` yaml
\`\`\`
`;

/**
 * The custom widget of the dashboard: asked to describe itself it answers in Markdown, else in HTML without scripts.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export async function handler(event: unknown): Promise<string> {
  const { describe, widgetContext } = eventSchema.parse(event ?? {});
  if (describe) return DESCRIPTION;
  return renderWidget(await readProgress(), widgetContext?.theme === 'dark' ? 'dark' : 'light');
}
