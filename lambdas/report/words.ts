import type { Status } from '../domain/statuses.ts';
import { SKIP_REASONS } from '../engine/relation.ts';
import type { Changes, PlanTotals } from '../store/changes.ts';
import { accuracyOf, expectedOf, type Figures } from './figures.ts';
import { isReportComplete, whyIncomplete } from './incomplete.ts';
import { count, duration, number, size } from './markup.ts';
import type { Report } from './report.ts';

/** Statuses in the words of people. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  created: 'waiting',
  started: 'running',
  finished: 'finished',
  timeout: 'timed out',
  failed: 'failed',
  canceled: 'canceled',
};

/** A status in words; `finished` alone would say that everything has arrived. */
export function statusWords(status: Status, hasFailures: boolean): string {
  return status === 'finished' && hasFailures ? 'finished with failures' : STATUS_WORDS[status];
}

/** Why records were left out, as a sentence. A reason that this version does not know stands for itself. */
export function skipReason(reason: string): string {
  return Object.hasOwn(SKIP_REASONS, reason) ? SKIP_REASONS[reason as keyof typeof SKIP_REASONS] : reason;
}

/** An accuracy as people read it: `99.57 %`. Four digits are exact in it. */
export const percentage = (accuracy: number): string => `${Number((accuracy * 100).toFixed(2))} %`;

/** What a report is called. */
export const titleOf = ({ kind, importId }: Report): string =>
  `Report of ${kind === 'plan' ? 'plan' : 'bulk import'} ${importId}`;

/** The headings that are others in the report of a plan: it has failed at nothing. */
export const headingsOf = ({ kind }: Report) =>
  kind === 'plan'
    ? {
        causes: 'What stands against it, by cause',
        skips: 'What would be skipped on purpose',
        notMigrated: 'What would not be migrated',
      }
    : {
        causes: 'What failed, by cause',
        skips: 'What was skipped on purpose',
        notMigrated: 'What was not migrated',
      };

/** The heading of groups and projects that nobody has migrated yet, and what can be done about them. */
export const NEW_HEADING = 'Groups and projects that are new at the source';
export const NEW_WORDS =
  'They came after the import, which a retry with `scope=all` brings over with all that is in them. The first ones of each group are named.';

/** A status in words, of what a report is about. */
export function statusOf({ kind, status, problemsTotal, failure }: Report): string {
  const isBad = problemsTotal > 0 || failure !== null;
  if (kind === 'plan' && status === 'finished')
    return isBad ? 'finished, with blockers' : 'finished, nothing stands against it';
  return statusWords(status, isBad);
}

/** What the figures say, in sentences. */
export function verdict(report: Report): string[] {
  const { kind, problemsTotal, isWhole } = report;
  const problems = isWhole ? count(problemsTotal, 'problem') : `More than ${count(problemsTotal, 'problem')}`;
  return [
    ...(kind === 'plan' ? planWords(report) : importWords(report)),
    `${problems} ${problemsTotal === 1 ? 'is' : 'are'} listed by cause.`,
  ];
}

function importWords(report: Report): string[] {
  const { totals } = report;
  const { source, imported, skipped, failed } = totals;
  return [
    `Of ${count(source, 'record')} that were counted at the source, ${number(imported)} were imported, ${number(skipped)} skipped on purpose and ${number(failed)} failed.`,
    verifiedWords(totals),
    ...completeWords(report),
  ];
}

/** What a verification has found, as a sentence. */
export function verifiedWords(totals: Pick<Figures, 'verified'>): string {
  const { verified } = totals;
  const accuracy = accuracyOf(totals);
  if (verified === null) {
    return 'Nothing was verified: these are the counts of the import itself, and nobody has read both GitLabs again.';
  }
  const { matched, different, missing, newAtSource, unverified } = verified;
  return `Read again at both GitLabs, ${number(matched)} of ${number(expectedOf(verified))} expected records are there and alike${accuracy === null ? '' : ` (${percentage(accuracy)})`}, ${number(different)} ${different === 1 ? 'differs' : 'differ'} and ${number(missing)} ${missing === 1 ? 'is' : 'are'} missing${newAtSource === 0 ? '' : `; ${number(newAtSource)} more came to the source after the import`}.${unverified > 0 ? ` ${number(unverified)} could not be compared.` : ''}`;
}

/** Whether it is complete, and why not. */
function completeWords(report: Report): string[] {
  if (isReportComplete(report) === true) return ['It is complete: all that was to be migrated was compared.'];
  const reasons = whyIncomplete(report);
  return reasons.length === 0 ? [] : [`It is not complete. ${reasons.join(' ')}`];
}

const NOTHING_PLANNED: Changes = { create: 0, update: 0, unchanged: 0, skip: 0, blocked: 0, unknown: 0 };

function planWords({ totals, foreseen, archives }: Report): string[] {
  const { create, update, unchanged, skip, blocked, unknown } = totals.planned ?? NOTHING_PLANNED;
  return [
    `Nothing was changed at either GitLab. Of ${count(totals.source, 'record')} at the source, ${number(create)} would be created, ${number(update)} changed, ${number(unchanged)} are there already, ${number(skip)} would be skipped on purpose and ${number(blocked)} are blocked; of ${number(unknown)} only the import itself can tell.`,
    ...archiveWords(archives),
    ...(foreseen === null ? ['The plan has not come to its end.'] : foreseenWords(foreseen)),
  ];
}

/** How large the archives of projects would be. */
export const ARCHIVES_HEADING = 'Archives that may be too large';

function archiveWords(archives: Report['archives']): string[] {
  if (archives === null || archives.projects === 0) return [];
  const { projects, unknown, bytes } = archives;
  const known = projects - unknown;
  const untold = `of ${known === 0 ? 'the' : number(unknown)} project${unknown === 1 ? '' : 's'} the source does not say how large ${unknown === 1 ? 'its archive' : 'their archives'} would be`;
  if (known === 0) return [`${untold.replace('of', 'Of')}.`];
  return [
    `The archive${known === 1 ? '' : 's'} of ${count(known, 'project')} would hold about ${size(bytes)}${unknown === 0 ? '' : `; ${untold}`}.`,
  ];
}

const MINUTE_MS = 60_000;

function foreseenWords({ writes, emails, users, limit }: PlanTotals): string[] {
  const time =
    limit > 0
      ? `, which takes about ${duration((writes * MINUTE_MS) / limit)} at the limit of the destination`
      : '';
  const people = users.mapped + users.matched + users.unmatched;
  return [
    `The destination would get ${count(writes, 'write')}${time}, and send ${count(emails, 'e-mail')} to new members.`,
    `Of ${people === 1 ? 'one member' : `${number(people)} members`} of the source, ${number(users.mapped + users.matched)} have a counterpart at the destination and ${number(users.unmatched)} have none.`,
  ];
}
