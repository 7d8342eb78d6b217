import { isTerminal, type Status } from '../domain/statuses.ts';
import { hostOf, rootOf } from '../report/links.ts';
import {
  count,
  duration,
  foreign,
  hour,
  html,
  type Markup,
  NOTHING,
  number,
  time,
} from '../report/markup.ts';
import { STATUS_WORDS, verifiedWords } from '../report/words.ts';
import { causeList, skipList } from './cause-list.ts';
import { commands } from './commands.ts';
import { entityTable } from './entity-table.ts';
import { paceLine } from './pace-line.ts';
import {
  badge,
  bar,
  entitiesOf,
  entityCount,
  failureText,
  hasFailures,
  listed,
  percent,
  relationText,
} from './parts.ts';
import type { EntityProgress, ImportProgress, ImportWait, VerificationProgress } from './progress.ts';

/** One import: how far it has come, and its groups and projects. */
export function importSection(record: ImportProgress, now: string, endpoint: string): Markup {
  const { id, status, statuses, records, failures, failure, createdAt, updatedAt } = record;
  const { ended, known } = entitiesOf([record]);
  const took = Date.parse(isTerminal(status) ? updatedAt : now) - Date.parse(createdAt);
  return html`<article class="bip-import" id="bip-i${id}" aria-labelledby="bip-i${id}-name">
<header><h3 id="bip-i${id}-name">Import ${id} <span class="bip-from">from ${hostLink(record.sourceUrl)}</span></h3>${badge(status, record.hasFailures || hasFailures(failures))}</header>
<p class="bip-muted">Started ${time(createdAt)}, ${isTerminal(status) ? `took ${duration(took)}` : `${duration(took)} ago`}${record.attempt > 1 ? `, attempt ${record.attempt}` : ''}${record.planId === null ? '' : `, bound to plan ${record.planId}`}</p>
<div class="bip-overall">${bar(ended, known, `bip-i${id}-name`, 'groups and projects done')}<p><strong>${number(ended)} of ${entityCount(known)}</strong> done (${percent(ended, known)}), ${record.hasMoreRecords ? `${number(records.imported)}+ records` : count(records.imported, 'record')} moved, ${failureText(failures)} ${failures.known === 1 && failures.isExact ? 'failure' : 'failures'}</p></div>
${failure === null ? NOTHING : html`<p class="bip-bad">${foreign(failure, 600)}</p>`}
${record.verification === null ? NOTHING : verificationLine(record.verification)}
${paceLine(record)}
${record.waits.map(importWait)}
${causeList(record, now)}
${skipList(record)}
${entityTables(record, statuses)}
${commands(record, endpoint)}
</article>`;
}

/** What was verified is green only if all that was looked for is there. */
function verificationLine({ status, at, figures }: VerificationProgress): Markup {
  if (figures === null) return html`<p>Verification ${STATUS_WORDS[status]}, since ${time(at)}.</p>`;
  const isWhole = figures.different + figures.missing + figures.unverified === 0;
  return html`<p class="${isWhole ? 'bip-good-text' : 'bip-bad-text'}">Verified ${time(at)}. ${verifiedWords({ verified: figures })}</p>`;
}

function hostLink(url: string): Markup {
  const page = rootOf(url);
  const host = foreign(hostOf(url));
  return page === undefined ? host : html`<a href="${page}" target="_blank" rel="noreferrer">${host}</a>`;
}

function importWait({ instance, until, reason, entities, relations }: ImportWait): Markup {
  return html`<p class="bip-wait">Waits for the ${instance} until ${hour(until)}: ${foreign(reason)} <span class="bip-muted">(${entityCount(entities)}: ${listed(relations.map(relationText))})</span></p>`;
}

/** What runs is in view; what waits or has ended is one key press away. */
function entityTables(record: ImportProgress, statuses: Record<Status, number>): Markup {
  const having = (test: (status: Status) => boolean) => record.entities.filter(({ status }) => test(status));
  const endedWords = (['failed', 'timeout', 'canceled', 'finished'] as const)
    .filter(status => statuses[status] > 0)
    .map(status => `${number(statuses[status])} ${STATUS_WORDS[status]}`)
    .join(', ');
  const ended = entitiesOf([record]).ended;
  return html`${
    statuses.started === 0
      ? NOTHING
      : entityTable(
          record,
          `Groups and projects of import ${record.id} that are running`,
          having(status => status === 'started'),
          statuses.started,
        )
  }
${folded(record, `bip-i${record.id}-done`, html`${entityCount(ended)} ended: ${endedWords}`, `Groups and projects of import ${record.id} that have ended`, having(isTerminal), ended)}
${folded(
  record,
  `bip-i${record.id}-wait`,
  html`${entityCount(statuses.created)} waiting`,
  `Groups and projects of import ${record.id} that wait`,
  having(status => status === 'created'),
  statuses.created,
)}`;
}

function folded(
  record: ImportProgress,
  id: string,
  summary: Markup,
  caption: string,
  rows: EntityProgress[],
  total: number,
): Markup {
  if (total === 0) return NOTHING;
  return html`<details id="${id}"><summary id="${id}-s">${summary}</summary>${entityTable(record, caption, rows, total)}</details>`;
}
