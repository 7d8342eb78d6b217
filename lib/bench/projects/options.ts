/** What `npm run bench -- --projects N` does. */
export interface ProjectsOptions {
  projects: number;
  /** Groups that the projects are in: a GitLab limits downloads by the group. */
  groups: number;
  latencyMs: number;
  /** Exports, and imports, per minute: a limit of both GitLabs that the service is told. */
  projectRate: number;
  /** Downloads per minute and group. */
  downloadRate: number;
  /** How long each export and each import takes at least. */
  jobSeconds: number;
  /** Size of what each archive has besides its project. */
  archiveMegabytes: number;
  /** How often the service is killed while an archive is on its way. */
  kills: number;
  /** File for the figures. */
  json?: string;
}

export const MEBIBYTE = 1024 * 1024;

/** The size with which that of a large archive is compared. */
export const SMALL_MEGABYTES = 10;

export const PROJECTS_USAGE = `npm run bench -- --projects N [--groups N] [--project-rate R] [--archive-megabytes M] [--kills K] [--json FILE]

  --projects N           projects of the source
  --groups N             groups that they are in, one after the other (10, or as many as projects)
  --latency MS           of every request of both GitLabs (20)
  --project-rate R       exports, and imports, per minute that both GitLabs allow (6)
  --download-rate R      downloads per minute that the source allows for each group (1)
  --job-seconds S        how long an export and an import take (30)
  --archive-megabytes M  size of each archive; above ${SMALL_MEGABYTES}, the peak RSS is compared with that for ${SMALL_MEGABYTES} (0)
  --kills K              kills the service K times while the one archive of a project is on its way (0)
`;

/** What of a command line is read for it. */
export const PROJECTS_ARGUMENTS = {
  projects: { type: 'string' },
  'project-rate': { type: 'string' },
  'download-rate': { type: 'string' },
  'job-seconds': { type: 'string' },
  'archive-megabytes': { type: 'string' },
  kills: { type: 'string' },
} as const;

type Name = keyof typeof PROJECTS_ARGUMENTS;
type WholeNumber = (option: string, text: string, least: number) => number;

/** Downloads that can be cut in two: below it, there is nothing to be killed over. */
const LEAST_MEGABYTES_TO_KILL = 64;
const GROUPS = 10;

/** The options of the values of a command line. @throws with one sentence for the user */
export function readProjectsOptions(
  values: { [key in Name]?: string | undefined } & {
    projects: string;
    groups?: string | undefined;
    latency: string;
    json?: string | undefined;
  },
  wholeNumber: WholeNumber,
): ProjectsOptions {
  const of = (name: Name, otherwise: number, least: number) =>
    wholeNumber(`--${name}`, values[name] ?? String(otherwise), least);
  const projects = of('projects', 1, 1);
  const kills = of('kills', 0, 0);
  const archiveMegabytes = of('archive-megabytes', 0, 0);
  if (kills > 0 && (projects > 1 || archiveMegabytes < LEAST_MEGABYTES_TO_KILL)) {
    throw new Error(
      `--kills needs --projects 1 and --archive-megabytes ${LEAST_MEGABYTES_TO_KILL} or more, so that there is time to be killed in.`,
    );
  }
  return {
    projects,
    groups: wholeNumber('--groups', values.groups ?? String(Math.min(GROUPS, projects)), 1),
    latencyMs: wholeNumber('--latency', values.latency, 0),
    projectRate: of('project-rate', 6, 1),
    downloadRate: of('download-rate', 1, 1),
    jobSeconds: of('job-seconds', 30, 0),
    archiveMegabytes,
    kills,
    ...(values.json !== undefined && { json: values.json }),
  };
}
