import {
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  TextWidget,
  TextWidgetBackground,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { LOG_QUERIES } from '../log-queries.ts';

/** CloudWatch's grid is 24 columns wide. */
export const FULL = 24;
const HALF = 12;
export const THIRD = 8;
export const QUARTER = 6;

/** The title of the rows that follow it. */
export function heading(title: string, text?: string): TextWidget {
  return new TextWidget({
    width: FULL,
    height: text === undefined ? 1 : 2,
    markdown: `## ${title}${text === undefined ? '' : `\n${text}`}`,
    background: TextWidgetBackground.TRANSPARENT,
  });
}

export function graph(title: string, width: number, props: GraphWidgetProps): GraphWidget {
  return new GraphWidget({ title, width, height: 6, leftYAxis: { min: 0, showUnits: false }, ...props });
}

export function counts(title: string, width: number, metrics: IMetric[]): GraphWidget {
  return graph(title, width, { left: metrics });
}

/** What a Logs Insights query finds, as a table. */
export function logTable(
  title: string,
  query: keyof typeof LOG_QUERIES,
  groups: ILogGroup[],
  width = HALF,
): LogQueryWidget {
  return new LogQueryWidget({
    title,
    width,
    height: 6,
    view: LogQueryVisualizationType.TABLE,
    logGroupNames: groups.map(({ logGroupName }) => logGroupName),
    queryLines: [...LOG_QUERIES[query]],
  });
}
