import { isTerminal, type Status } from '../domain/statuses.ts';
import { SKIP_REASONS } from '../engine/relation.ts';
import {
  count,
  duration,
  foreign,
  hour,
  html,
  type Markup,
  NOTHING,
  number,
  printable,
  time,
} from '../report/markup.ts';
import type { Counts } from '../store/counts.ts';
import type {
  EntityProgress,
  FailureCount,
  ImportProgress,
  LastFailure,
  Progress,
  WaitProgress,
} from './read.ts';
import { PROGRESS_STYLE } from './style.ts';

/** Statuses in the words of people. */
const WORDS: Record<Status, string> = {
  created: 'waiting',
  started: 'running',
  finished: 'finished',
  timeout: 'timed out',
  failed: 'failed',
  canceled: 'canceled',
};
const WORDS_WITH_FAILURES = 'finished with failures';

/** The progress as a piece of HTML, for a page that brings `PROGRESS_STYLE`. @param endpoint the service's base URL */
export function renderProgress(progress: Progress, endpoint: string): string {
  const { open, ended, lastFailures, now } = progress;
  return html`<div class="bip-content" data-title="${pageTitle(progress)}">
${progress.inFlight === 0 ? idle(endpoint, ended.length > 0) : inFlight(progress)}
${lastFailures.length === 0 ? NOTHING : failuresSection(lastFailures, now)}
${ended.length === 0 ? NOTHING : html`<section aria-labelledby="bip-ended"><h2 id="bip-ended">Ended last</h2>${ended.map(record => importSection(record, now))}</section>`}
<p class="bip-muted">As of ${time(now)}${open.length < progress.inFlight ? html`. Of ${number(progress.inFlight)} imports in flight, the newest ${number(open.length)} are shown and counted` : NOTHING}.</p>
</div>`.toString();
}

/** The same as the answer of a custom widget: with its style, in the theme of the dashboard. */
export function renderWidget(progress: Progress, theme: 'light' | 'dark'): string {
  // The style does not come first: a sanitizer's parser would move it out of what it keeps.
  return `<div class="cwdb-no-default-styles"></div><div class="bip bip-${theme}"><style>${PROGRESS_STYLE}</style>${renderProgress(progress, '$ENDPOINT')}</div>`;
}

/** What a tab of a browser is called. */
export function pageTitle({ inFlight, open }: Progress): string {
  if (inFlight === 0) return 'No import in flight';
  const { ended, known } = entitiesOf(open);
  return `${percent(ended, known)} – ${count(inFlight, 'import')} in flight`;
}

function idle(endpoint: string, hasEnded: boolean): Markup {
  return html`<section class="bip-idle" aria-labelledby="bip-idle">
<h2 id="bip-idle">${hasEnded ? 'No import is in flight' : 'Nothing imported yet'}</h2>
<p>Start an import of a group or project and it appears here:</p>
<pre><code>curl --request POST ${endpoint}/api/v4/bulk_imports \\
  --header 'PRIVATE-TOKEN: &lt;your token of the destination&gt;' \\
  --header 'Content-Type: application/json' \\
  --data '{
    "configuration": {
      "url": "https://old.example.com",
      "access_token": "&lt;your token of the source&gt;"
    },
    "entities": [{
      "source_type": "group_entity",
      "source_full_path": "acme/platform",
      "destination_slug": "platform",
      "destination_namespace": "imported"
    }]
  }'</code></pre>
${endpoint.startsWith('$') ? html`<p class="bip-muted"><code>${endpoint}</code> is the output <code>Endpoint</code> of the stack.</p>` : NOTHING}
</section>`;
}

function inFlight({ inFlight: total, open, now }: Progress): Markup {
  const all = entitiesOf(open);
  const failures = sumFailures(open.map(record => record.failures));
  const moved = {
    known: open.reduce((sum, { records }) => sum + records.imported, 0),
    isExact: !open.some(record => record.hasMoreRecords),
  };
  return html`<section aria-labelledby="bip-open">
<h2 id="bip-open">In flight</h2>
<dl class="bip-totals">
<div><dt>Imports in flight</dt><dd>${number(total)}</dd></div>
<div><dt>Groups and projects done</dt><dd>${number(all.ended)} <small>of ${number(all.known)}</small></dd></div>
<div><dt>Records moved</dt><dd>${atLeast(moved)}</dd></div>
<div${hasFailures(failures) ? html` class="bip-bad"` : NOTHING}><dt>Failures</dt><dd>${failureText(failures)}</dd></div>
</dl>
${open.map(record => importSection(record, now))}
</section>`;
}

function importSection(record: ImportProgress, now: string): Markup {
  const { id, status, statuses, records, failures, failure, createdAt, updatedAt } = record;
  const { ended, known } = entitiesOf([record]);
  const took = Date.parse(isTerminal(status) ? updatedAt : now) - Date.parse(createdAt);
  return html`<article class="bip-import" id="bip-i${id}" aria-labelledby="bip-i${id}-name">
<header><h3 id="bip-i${id}-name">Import ${id} <span class="bip-from">from ${foreign(hostOf(record.sourceUrl))}</span></h3>${badge(status, record.hasFailures || hasFailures(failures))}</header>
<p class="bip-muted">Started ${time(createdAt)}, ${isTerminal(status) ? `took ${duration(took)}` : `${duration(took)} ago`}</p>
<div class="bip-overall">${bar(ended, known, `bip-i${id}-name`, 'groups and projects done')}<p><strong>${number(ended)} of ${entityCount(known)}</strong> done (${percent(ended, known)}), ${record.hasMoreRecords ? `${number(records.imported)}+ records` : count(records.imported, 'record')} moved, ${failureText(failures)} ${failures.known === 1 && failures.isExact ? 'failure' : 'failures'}</p></div>
${failure === null ? NOTHING : html`<p class="bip-bad">${foreign(failure, 600)}</p>`}
${entityTables(record, statuses)}
</article>`;
}

/** What runs is in view; what waits or has ended is one key press away. */
function entityTables(record: ImportProgress, statuses: Record<Status, number>): Markup {
  const having = (test: (status: Status) => boolean) => record.entities.filter(({ status }) => test(status));
  const endedWords = (['failed', 'timeout', 'canceled', 'finished'] as const)
    .filter(status => statuses[status] > 0)
    .map(status => `${number(statuses[status])} ${WORDS[status]}`)
    .join(', ');
  const ended = entitiesOf([record]).ended;
  return html`${
    statuses.started === 0
      ? NOTHING
      : entityTable(
          `Groups and projects of import ${record.id} that are running`,
          having(status => status === 'started'),
          statuses.started,
        )
  }
${folded(`bip-i${record.id}-done`, html`${entityCount(ended)} ended: ${endedWords}`, `Groups and projects of import ${record.id} that have ended`, having(isTerminal), ended)}
${folded(
  `bip-i${record.id}-wait`,
  html`${entityCount(statuses.created)} waiting`,
  `Groups and projects of import ${record.id} that wait`,
  having(status => status === 'created'),
  statuses.created,
)}`;
}

function folded(id: string, summary: Markup, caption: string, rows: EntityProgress[], total: number): Markup {
  if (total === 0) return NOTHING;
  return html`<details id="${id}"><summary id="${id}-s">${summary}</summary>${entityTable(caption, rows, total)}</details>`;
}

function entityTable(caption: string, entities: EntityProgress[], total: number): Markup {
  const more = total - entities.length;
  return html`${
    entities.length === 0
      ? NOTHING
      : html`<table><caption class="bip-hidden">${caption}</caption>
<thead><tr><th scope="col">Group or project</th><th scope="col">Status</th><th scope="col">Records</th><th scope="col">Failures</th></tr></thead>
<tbody>${entities.map(entityRow)}</tbody></table>`
  }${more === 0 ? NOTHING : html`<p class="bip-muted bip-more">and ${number(more)} more</p>`}`;
}

function entityRow(entity: EntityProgress): Markup {
  const { id, source, destination, status, records, failures } = entity;
  const name = `bip-e${id}`;
  return html`<tr id="${name}-row"><th scope="row" id="${name}">${foreign(source)} <span class="bip-to"><span aria-hidden="true">→</span><span class="bip-hidden"> to </span> ${foreign(destination)}</span></th><td>${badge(status, hasFailures(failures))}</td><td>${
    status === 'created'
      ? html`<span class="bip-muted">not begun</span>`
      : html`${bar(records.fetched, records.source, name, 'records done')}${recordsCell(entity)}${entity.waits.map(waitLine)}`
  }</td><td class="bip-count${hasFailures(failures) ? ' bip-bad' : ''}">${failureText(failures)}<span class="bip-label"> failures</span></td></tr>
`;
}

/** The counts of a group or project; by relation behind them while they change or when something is missing. */
function recordsCell(entity: EntityProgress): Markup {
  const { id, status, records, relations, failures } = entity;
  const text = countsText(records);
  const isOfInterest = status === 'started' || hasFailures(failures) || records.imported < records.source;
  if (!isOfInterest || relations.length === 0) return html`<p class="bip-counts">${text}</p>`;
  return html`<details class="bip-relations" id="bip-e${id}-rel"><summary id="bip-e${id}-rel-s">${text}<span class="bip-hidden"> of ${printable(entity.source, 80)}, by relation</span></summary><ul>${relations.map(
    relation =>
      html`<li><b>${relationName(relation.name)}</b> ${countsText(relation)}${Object.entries(relation.skips).map(skipLine)}</li>`,
  )}</ul></details>`;
}

/** Everything that was read is moved, unless it was skipped or has failed. */
function countsText({ source, fetched, skipped, failed }: Counts): string {
  const leftOut = [
    ...(skipped > 0 ? [`, ${number(skipped)} skipped`] : []),
    ...(failed > 0 ? [`, ${number(failed)} failed`] : []),
  ];
  return `${number(fetched)} of ${number(source)}${leftOut.join('')}`;
}

function skipLine([reason, skipped]: [string, number]): Markup {
  const why: string = (SKIP_REASONS as Record<string, string>)[reason] ?? reason;
  return html`<span class="bip-skip">${number(skipped)} skipped: ${printable(why)}</span>`;
}

function waitLine({ instance, until, reason, relations }: WaitProgress): Markup {
  return html`<p class="bip-wait">waits for the ${instance} until ${hour(until)}: ${foreign(reason)} <span class="bip-muted">(${relations.map(relationName).join(', ')})</span></p>`;
}

const relationName = (name: string) => printable(name.replaceAll('_', ' '), 40);

function failuresSection(failures: LastFailure[], now: string): Markup {
  return html`<section aria-labelledby="bip-failures"><h2 id="bip-failures">Last failures</h2>
<ol class="bip-failures">${failures.map(
    ({ importId, path, relation, sourceTitle, exceptionMessage, createdAt }) =>
      html`<li><p class="bip-where"><b>${relationName(relation)}</b>${sourceTitle === null ? NOTHING : html` ${foreign(sourceTitle)}`} <span class="bip-muted">in ${foreign(path)}, import ${importId}, <time datetime="${createdAt}">${duration(Date.parse(now) - Date.parse(createdAt))} ago</time></span></p><p>${foreign(exceptionMessage, 600)}</p></li>`,
  )}</ol></section>`;
}

/** A bar that has a name, a value in words, and stays readable without colours. */
function bar(value: number, most: number, labelledBy: string, unit: string): Markup {
  const max = Math.max(most, 1);
  return html`<progress max="${max}" value="${Math.min(value, max)}" aria-labelledby="${labelledBy}" aria-valuetext="${number(value)} of ${number(most)} ${unit}"></progress>`;
}

/** A status as a badge. `finished` alone would say that everything has arrived. */
function badge(status: Status, hasFailures: boolean): Markup {
  const isPartial = status === 'finished' && hasFailures;
  return html`<span class="bip-badge bip-${isPartial ? 'partial' : status}">${isPartial ? WORDS_WITH_FAILURES : WORDS[status]}</span>`;
}

/** Whole percents; 100 only when everything is done. */
function percent(value: number, most: number): string {
  return `${most === 0 ? 0 : Math.floor((value / most) * 100)} %`;
}

function entitiesOf(records: ImportProgress[]): { ended: number; known: number } {
  const known = records.flatMap(({ statuses }) => Object.values(statuses)).reduce((sum, n) => sum + n, 0);
  const open = records.reduce((sum, { statuses }) => sum + statuses.created + statuses.started, 0);
  return { ended: known - open, known };
}

function sumFailures(counts: FailureCount[]): FailureCount {
  return {
    known: counts.reduce((sum, { known }) => sum + known, 0),
    isExact: counts.every(({ isExact }) => isExact),
  };
}

/** `1 group or project`, `2 groups and projects`: by its status alone nobody tells which it is. */
const entityCount = (of: number) => `${number(of)} ${of === 1 ? 'group or project' : 'groups and projects'}`;

const hasFailures = ({ known, isExact }: FailureCount) => known > 0 || !isExact;

function failureText(failures: FailureCount): string {
  return failures.known === 0 && !failures.isExact ? 'some' : atLeast(failures);
}

const atLeast = ({ known, isExact }: FailureCount) => (isExact ? number(known) : `${number(known)}+`);

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
