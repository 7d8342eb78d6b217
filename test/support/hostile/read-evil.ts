import { outcomeOf } from './evil-reads.ts';

/**
 * A process that reads from GitLabs on loopback and tells how that ended, and how much memory it had at most. To be run
 * with little of it. Its arguments are the ways of reading and URLs, in turn.
 */
const [, , ...pairs] = process.argv;
for (let at = 0; at < pairs.length; at += 2) {
  const outcome = await outcomeOf(pairs[at] ?? '', pairs[at + 1] ?? '');
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(`${JSON.stringify({ outcome: outcome.slice(0, 1000), megabytes })}\n`);
}
