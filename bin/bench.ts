/** `npm run bench`: how fast the service is, on made-up GitLabs with a latency, next to a frozen loop in the same run. */

import { writeFile } from 'node:fs/promises';
import { bench } from '../lib/bench/bench.ts';
import { figuresOf } from '../lib/bench/figures.ts';
import { type BenchOptions, readOptions, USAGE } from '../lib/bench/options.ts';
import { benchProjects } from '../lib/bench/projects/bench.ts';
import { projectsFiguresOf } from '../lib/bench/projects/figures.ts';
import type { ProjectsOptions } from '../lib/bench/projects/options.ts';
import { formatProjects, projectsAnnouncement } from '../lib/bench/projects/report.ts';
import { announcement, formatResult } from '../lib/bench/report.ts';

/** What a run has come to. */
interface Outcome {
  figures: object;
  report: string;
  undeclared: string[];
}

async function ofGroups(options: BenchOptions): Promise<Outcome> {
  process.stdout.write(announcement(options));
  const result = await bench(options);
  const figures = figuresOf(options, result);
  return { figures, report: formatResult(options, result, figures), undeclared: result.undeclared };
}

async function ofProjects(options: ProjectsOptions): Promise<Outcome> {
  process.stdout.write(projectsAnnouncement(options));
  const result = await benchProjects(options);
  const figures = projectsFiguresOf(options, result);
  return { figures, report: formatProjects(options, result, figures), undeclared: result.undeclared };
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else {
    const outcome = 'projects' in options ? ofProjects(options) : ofGroups(options);
    const { figures, report, undeclared } = await outcome;
    process.stdout.write(report);
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
    for (const problem of undeclared) {
      process.stderr.write(`Not as GitLab declares it: ${problem}\n`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
