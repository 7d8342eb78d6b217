/** How often a minute a GitLab lets a user do something with whole projects: its own numbers, unless somebody has changed them. */
interface ProjectRate {
  /** Environment variable of a lane, of the function that starts imports, and of `npm start`. */
  variable: string;
  otherwise: number;
}

/** By the name that the context of a deployment has for it. Downloads count for each namespace by itself. */
export const PROJECT_RATES = {
  projectExportsPerMinute: { variable: 'PROJECT_EXPORTS_PER_MINUTE', otherwise: 6 },
  projectImportsPerMinute: { variable: 'PROJECT_IMPORTS_PER_MINUTE', otherwise: 6 },
  projectDownloadsPerMinute: { variable: 'PROJECT_DOWNLOADS_PER_MINUTE', otherwise: 1 },
} as const satisfies Record<string, ProjectRate>;

export type ProjectRateName = keyof typeof PROJECT_RATES;
export const PROJECT_RATE_NAMES = Object.keys(PROJECT_RATES) as ProjectRateName[];

/** The rates that somebody has chosen, by name; 0 for no limit of ours, and the others are GitLab's own. */
export type ChosenRates = { [Name in ProjectRateName]?: number | undefined };

/** The environment in which these are chosen. */
export function rateVariables(rates: ChosenRates): Record<string, string> {
  return Object.fromEntries(
    PROJECT_RATE_NAMES.map(name => [PROJECT_RATES[name].variable, String(rates[name] ?? '')]),
  );
}
