import { parseArgs } from 'node:util';
import { CONTENTS, type Contents } from './load.ts';
import {
  PROJECTS_ARGUMENTS,
  PROJECTS_USAGE,
  type ProjectsOptions,
  readProjectsOptions,
} from './projects/options.ts';

export interface BenchOptions {
  contents: Contents;
  /** Subgroups of the source. */
  groups: number;
  /** Labels, milestones and badges of each subgroup together. */
  records: number;
  latencyMs: number;
  /** Requests per minute that the destination allows; unlimited without it. */
  rateLimit?: number;
  /** Whether the loop runs, too. */
  loop: boolean;
  /** File for the figures. */
  json?: string;
}

export const USAGE = `npm run bench -- [--groups N] [--records N] [--latency MS] [--rate-limit R] [--no-loop] [--json FILE]

  --groups N       subgroups of the source (200)
  --records N      labels, milestones and badges of each, as 20 to 6 to 4 (30)
  --contents WHAT  records; full: members and a board in each group as well;
                   members: 20 people of the top-level group, 20 subgroups, no records (records)
  --latency MS     of every request of both GitLabs, and of every mutation of a document (20)
  --rate-limit R   requests per minute that the destination allows; the loop is left out (no limit)
  --no-loop        the service alone, once, with its mutations charged
  --json FILE      writes the figures as one flat object

${PROJECTS_USAGE}`;

const OF_GROUPS = ['--records', '--contents', '--rate-limit', '--no-loop'];

/** The options of a command line; `undefined` when help was asked for. @throws with one sentence for the user */
export function readOptions(args: string[]): BenchOptions | ProjectsOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      ...PROJECTS_ARGUMENTS,
      groups: { type: 'string' },
      records: { type: 'string' },
      contents: { type: 'string', default: 'records' },
      latency: { type: 'string', default: '20' },
      'rate-limit': { type: 'string' },
      'no-loop': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const { projects } = values;
  if (projects !== undefined) {
    const foreign = OF_GROUPS.find(name => args.some(arg => arg.split('=')[0] === name));
    if (foreign !== undefined) throw new Error(`${foreign} is not for --projects.`);
    return readProjectsOptions({ ...values, projects }, wholeNumber);
  }
  const alone = Object.keys(PROJECTS_ARGUMENTS).find(name => name in values);
  if (alone !== undefined) throw new Error(`--${alone} needs --projects.`);
  const contents = CONTENTS.find(name => name === values.contents);
  if (contents === undefined) throw new Error(`--contents must be one of ${CONTENTS.join(', ')}.`);
  const [groups, records] = contents === 'members' ? ['20', '0'] : ['200', '30'];
  const rateLimit = values['rate-limit'];
  return {
    contents,
    groups: wholeNumber('--groups', values.groups ?? groups, 1),
    records: wholeNumber('--records', values.records ?? records, 0),
    latencyMs: wholeNumber('--latency', values.latency, 0),
    ...(rateLimit !== undefined && { rateLimit: wholeNumber('--rate-limit', rateLimit, 1) }),
    // Behind a limit the loop would measure the limit.
    loop: !values['no-loop'] && rateLimit === undefined,
    ...(values.json !== undefined && { json: values.json }),
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${option} must be a whole number of at least ${least}, not '${text}'.`);
}
