import { notedArchives } from './archive-sizes.ts';
import { type Column, cellsOf, columnsOf, PLAN_BESIDE_RESULT } from './columns.ts';
import { type Figures, sumFigures } from './figures.ts';
import { bar, barKey } from './html-bar.ts';
import { pageAt } from './links.ts';
import { count, foreign, html, type Markup, NOTHING, number, size } from './markup.ts';
import { relationName } from './relation-names.ts';
import type { Report, ReportedEntity } from './report.ts';
import { ARCHIVES_HEADING, headingsOf, NEW_HEADING, NEW_WORDS, skipReason, statusWords } from './words.ts';
import { RESULT_WORDS, resultsIn } from './writes.ts';

/** Groups that are listed; the rest is counted. 500 of them are a megabyte at most. */
const MOST_GROUPS = 500;

/** What became of each relation, over all groups and projects. */
export function relationSection(report: Report): Markup {
  const { kind, relations, totals } = report;
  if (relations.length === 0) return NOTHING;
  const columns = columnsOf(report);
  return html`<section><h2>By relation</h2>
${barKey(totals, kind)}
<table class="stack">${head('Relation', columns, 'Share')}
<tbody>${relations.map(figures => row(nameOf(figures.relation), columns, figures, bar(figures, kind)))}</tbody>
<tfoot>${row(html`Total`, columns, totals, bar(totals, kind))}</tfoot></table></section>`;
}

/** The plan that the import was bound to beside what has become of it. */
export function planSection({ kind, planId, relations, totals }: Report): Markup {
  if (kind === 'plan' || planId === null) return NOTHING;
  return html`<section><h2>The plan beside the result</h2>
<p class="muted">What plan ${planId} has said, and what the import has counted.</p>
<table class="stack">${head('Relation', PLAN_BESIDE_RESULT)}
<tbody>${relations.map(figures => row(nameOf(figures.relation), PLAN_BESIDE_RESULT, figures))}</tbody>
<tfoot>${row(html`Total`, PLAN_BESIDE_RESULT, totals)}</tfoot></table></section>`;
}

function head(first: string, columns: readonly Column[], share?: string): Markup {
  return html`<thead><tr><th scope="col">${first}</th>${share === undefined ? NOTHING : html`<th scope="col" class="bar">${share}</th>`}${columns.map(({ name }) => html`<th scope="col" class="n">${name}</th>`)}</tr></thead>`;
}

function row(first: Markup, columns: readonly Column[], figures: Figures, share?: Markup): Markup {
  const texts = cellsOf(columns, figures);
  const tone = ({ of, isBad }: Column) => (of(figures) ? (isBad ? ' bad' : '') : ' zero');
  return html`<tr><th scope="row">${first}</th>${share === undefined ? NOTHING : html`<td class="bar">${share}</td>`}${columns.map(
    (column, index) =>
      html`<td class="n${tone(column)}" data-label="${column.name}">${texts[index] ?? ''}</td>`,
  )}</tr>`;
}

const nameOf = (relation: string): Markup => foreign(relationName(relation), 60);

/** What was left out on purpose, by relation and reason. */
export function skipsSection(report: Report): Markup {
  const { skips } = report;
  if (skips.length === 0) return NOTHING;
  return html`<section><h2>${headingsOf(report).skips}</h2>
<table><thead><tr><th scope="col">Relation</th><th scope="col">Why</th><th scope="col" class="n">Records</th></tr></thead>
<tbody>${skips.map(({ relation, reason, count: skipped }) => html`<tr><th scope="row">${nameOf(relation)}</th><td>${foreign(skipReason(reason))}</td><td class="n">${number(skipped)}</td></tr>`)}</tbody></table></section>`;
}

/** What was not moved at all. */
export function notMigratedSection(report: Report): Markup {
  const { notMigrated } = report;
  if (notMigrated.length === 0) return NOTHING;
  return html`<section><h2>${headingsOf(report).notMigrated}</h2>
<table><thead><tr><th scope="col">Relation</th><th scope="col" class="n">Records at the source</th><th scope="col" class="n">Groups and projects</th></tr></thead>
<tbody>${notMigrated.map(({ relation, source, entities }) => html`<tr><th scope="row">${nameOf(relation)}</th><td class="n">${source === null ? 'not counted' : number(source)}</td><td class="n">${number(entities)}</td></tr>`)}</tbody></table></section>`;
}

/** Projects of a plan whose archives may be too large. */
export function archivesSection(report: Report): Markup {
  const noted = notedArchives(report);
  if (noted.length === 0) return NOTHING;
  const shown = noted.slice(0, MOST_GROUPS);
  const more = noted.length - shown.length;
  return html`<section><h2>${ARCHIVES_HEADING}</h2>
<table><thead><tr><th scope="col">Project</th><th scope="col">What to look at</th><th scope="col" class="n">About</th></tr></thead>
<tbody>${shown.map(({ entity, bytes, note }) => html`<tr><th scope="row">${link(report.sourceUrl, entity.sourceFullPath)}</th><td>${note}</td><td class="n">${size(bytes)}</td></tr>`)}</tbody></table>
${more === 0 ? NOTHING : html`<p class="muted">and ${number(more)} more.</p>`}</section>`;
}

/** Groups and projects that came to the source after the import. */
export function newSection({ newAtSource, sourceUrl }: Report): Markup {
  if (newAtSource.length === 0) return NOTHING;
  const shown = newAtSource.slice(0, MOST_GROUPS);
  const more = newAtSource.length - shown.length;
  return html`<section><h2>${NEW_HEADING}</h2>
<p class="muted">${NEW_WORDS}</p>
<table><thead><tr><th scope="col">At the source</th><th scope="col">Kind</th></tr></thead>
<tbody>${shown.map(({ type, sourceFullPath }) => html`<tr><th scope="row">${link(sourceUrl, sourceFullPath)}</th><td>${type}</td></tr>`)}</tbody></table>
${more === 0 ? NOTHING : html`<p class="muted">and ${number(more)} more.</p>`}</section>`;
}

/** What was written at the destination, by kind of record. */
export function writesSection({ writes, areWritesWhole }: Report): Markup {
  if (writes.length === 0) return NOTHING;
  const columns = resultsIn(writes);
  return html`<section><h2>What was written at the destination</h2>
<p class="muted">Each of these has an audit event, with the id of its request in the log of the destination.${areWritesWhole ? '' : ' There are more than were read for this report.'}</p>
<table class="stack"><thead><tr><th scope="col">Record</th>${columns.map(result => html`<th scope="col" class="n">${RESULT_WORDS[result]}</th>`)}</tr></thead>
<tbody>${writes.map(
    ({ target, results }) =>
      html`<tr><th scope="row">${foreign(target, 60)}</th>${columns.map(result => html`<td class="n${results[result] ? '' : ' zero'}" data-label="${RESULT_WORDS[result]}">${number(results[result] ?? 0)}</td>`)}</tr>`,
  )}</tbody></table></section>`;
}

/** Each group and project; those with problems first, which somebody looks for. */
export function groupsSection(report: Report): Markup {
  const { kind, entities, totals } = report;
  const shown = entities.toSorted((a, b) => b.problems - a.problems || a.id - b.id).slice(0, MOST_GROUPS);
  const more = entities.length - shown.length;
  if (shown.length === 0) return NOTHING;
  const columns = columnsOf(report);
  const rows = shown.map(entity => {
    const figures = sumFigures(entity.relations);
    return row(placesOf(entity, report), columns, figures, bar(figures, kind));
  });
  return html`<section><h2>By group and project</h2>
${barKey(totals, kind)}
<table class="stack">${head('Group or project', columns, 'Share')}
<tbody>${rows}</tbody></table>
${more === 0 ? NOTHING : html`<p class="muted">and ${number(more)} more groups and projects, which have fewer problems. The report as CSV has them.</p>`}</section>`;
}

function placesOf(entity: ReportedEntity, { kind, sourceUrl, destinationUrl }: Report): Markup {
  const { sourceFullPath, destinationFullPath, status, problems } = entity;
  const isBad = problems > 0 || !['finished', 'started', 'created'].includes(status);
  return html`<div class="places">${link(sourceUrl, sourceFullPath)}<br><span class="small"><span class="muted">to</span> ${
    destinationFullPath === null
      ? html`<span class="muted">nothing: it was not made</span>`
      : kind === 'plan'
        ? foreign(destinationFullPath)
        : link(destinationUrl, destinationFullPath)
  }<br><span class="${isBad ? 'warn' : 'muted'}">${statusWords(status, kind !== 'plan' && problems > 0)}${problems > 0 ? `, ${count(problems, 'problem')}` : ''}</span></span></div>`;
}

function link(baseUrl: string, fullPath: string): Markup {
  const page = pageAt(baseUrl, fullPath);
  return page === undefined ? foreign(fullPath) : html`<a href="${page}">${foreign(fullPath)}</a>`;
}
