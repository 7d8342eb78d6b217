import { pageAt } from '../report/links.ts';
import { foreign, hour, html, type Markup, NOTHING, number, printable } from '../report/markup.ts';
import { skipReason } from '../report/words.ts';
import type { Counts } from '../store/counts.ts';
import { badge, bar, failureText, hasFailures, listed, relationText } from './parts.ts';
import type { EntityProgress, ImportProgress, WaitProgress } from './progress.ts';

/** A table of groups and projects, of which there may be more. */
export function entityTable(
  record: ImportProgress,
  caption: string,
  entities: EntityProgress[],
  total: number,
): Markup {
  const more = total - entities.length;
  return html`${
    entities.length === 0
      ? NOTHING
      : html`<table><caption class="bip-hidden">${caption}</caption>
<thead><tr><th scope="col">Group or project</th><th scope="col">Status</th><th scope="col">Records</th><th scope="col">Failures</th></tr></thead>
<tbody>${entities.map(entity => entityRow(record, entity))}</tbody></table>`
  }${more === 0 ? NOTHING : html`<p class="bip-muted bip-more">and ${number(more)} more</p>`}`;
}

function entityRow({ sourceUrl, destinationUrl }: ImportProgress, entity: EntityProgress): Markup {
  const { id, source, destination, isMade, status, records, failures } = entity;
  const name = `bip-e${id}`;
  return html`<tr id="${name}-row"><th scope="row" id="${name}">${link(sourceUrl, source)} <span class="bip-to"><span aria-hidden="true">→</span><span class="bip-hidden"> to </span> ${isMade ? link(destinationUrl, destination) : foreign(destination)}</span></th><td>${badge(status, hasFailures(failures))}</td><td>${
    status === 'created'
      ? html`<span class="bip-muted">not begun</span>`
      : html`${bar(records.fetched, records.source, name, 'records done')}${recordsCell(entity)}${entity.waits.map(waitLine)}`
  }</td><td class="bip-count${hasFailures(failures) ? ' bip-bad' : ''}">${failureText(failures)}<span class="bip-label"> failures</span></td></tr>
`;
}

/** A group or project as a link to its page, which is shown beside this one. */
function link(baseUrl: string, fullPath: string): Markup {
  const page = pageAt(baseUrl, fullPath);
  if (page === undefined) return foreign(fullPath);
  return html`<a href="${page}" target="_blank" rel="noreferrer">${foreign(fullPath)}</a>`;
}

/** The counts of a group or project; by relation behind them while they change or when something is missing. */
function recordsCell(entity: EntityProgress): Markup {
  const { id, status, records, relations, failures } = entity;
  const text = countsText(records);
  const isOfInterest = status === 'started' || hasFailures(failures) || records.imported < records.source;
  if (!isOfInterest || relations.length === 0) return html`<p class="bip-counts">${text}</p>`;
  return html`<details class="bip-relations" id="bip-e${id}-rel"><summary id="bip-e${id}-rel-s">${text}<span class="bip-hidden"> of ${printable(entity.source, 80)}, by relation</span></summary><ul>${relations.map(
    relation =>
      html`<li><b>${relationText(relation.name)}</b> ${countsText(relation)}${Object.entries(relation.skips).map(skipLine)}</li>`,
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
  return html`<span class="bip-skip">${number(skipped)} skipped: ${printable(skipReason(reason))}</span>`;
}

function waitLine({ instance, until, reason, relations }: WaitProgress): Markup {
  return html`<p class="bip-wait">waits for the ${instance} until ${hour(until)}: ${foreign(reason)} <span class="bip-muted">(${listed(relations.map(relationText))})</span></p>`;
}
