import { isTerminal } from '../domain/statuses.ts';
import type { Cause } from './causes.ts';
import { accuracyOf, type Figures, sumFigures } from './figures.ts';
import { bar, barKey } from './html-bar.ts';
import { REPORT_STYLE } from './html-style.ts';
import { hostOf, pageAt } from './links.ts';
import { count, duration, foreign, html, Markup, NOTHING, number, time } from './markup.ts';
import { relationName } from './relation-names.ts';
import type { NotMigrated, Problem, Report, ReportedEntity, SkippedRecords } from './report.ts';
import { percentage, skipReason, statusWords, verdict } from './words.ts';
import { RESULT_WORDS, resultsIn } from './writes.ts';

/** What is listed; the rest is counted. 500 groups and 500 problems are 2 MB at most, a third of what a Lambda may answer. */
const MOST = { groups: 500, problems: 500, causes: 100 };

/** Nothing may be loaded and nothing may run, wherever the file is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one file of HTML that needs nothing else, to be mailed, read and printed. */
export function htmlReport(report: Report): string {
  const { importId, sourceUrl, destinationUrl, madeAt } = report;
  const name = `Report of bulk import ${importId}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name}: ${hostOf(sourceUrl)} to ${hostOf(destinationUrl)}</title>
<style>${new Markup(REPORT_STYLE)}</style>
</head>
<body>
<header><h1>${name} ${badge(report)}</h1>
<p class="muted">From ${foreign(hostOf(sourceUrl))} to ${foreign(hostOf(destinationUrl))}. ${timesOf(report)}</p></header>
<main>
${report.failure === null ? NOTHING : html`<p class="bad">${foreign(report.failure, 600)}</p>`}
${verdict(report).map(sentence => html`<p>${sentence}</p>`)}
${totals(report)}
${relationSection(report)}
${causesSection(report)}
${skipsSection(report.skips)}
${notMigratedSection(report.notMigrated)}
${writesSection(report)}
${groupsSection(report)}
${problemsSection(report)}
</main>
<footer><p class="muted small">Made ${time(madeAt)}.</p></footer>
</body>
</html>
`.toString();
}

function badge({ status, problemsTotal, failure }: Report): Markup {
  const isBad = problemsTotal > 0 || failure !== null;
  const tone = status === 'finished' ? (isBad ? 'warn' : 'good') : isTerminal(status) ? 'bad' : '';
  return html`<span class="badge ${tone}">${statusWords(status, isBad)}</span>`;
}

function timesOf({ status, createdAt, updatedAt, madeAt, attempt, verifiedAt }: Report): Markup {
  const until = isTerminal(status) ? updatedAt : madeAt;
  const took = duration(Date.parse(until) - Date.parse(createdAt));
  return html`Started ${time(createdAt)}, ${isTerminal(status) ? `ended after ${took}` : `${took} ago`}${attempt > 1 ? `, attempt ${attempt}` : ''}${verifiedAt === null ? NOTHING : html`, verified ${time(verifiedAt)}`}.`;
}

function totals({ totals: figures, statuses, problemsTotal }: Report): Markup {
  const accuracy = accuracyOf(figures);
  const entities = Object.values(statuses).reduce((sum, one) => sum + one, 0);
  const tiles: [string, string][] = [
    ['Groups and projects', number(entities)],
    ['Records at the source', number(figures.source)],
    ['Imported', number(figures.imported)],
    ['Skipped', number(figures.skipped)],
    ['Failed', number(figures.failed)],
    ['Problems', number(problemsTotal)],
    ['Accuracy', accuracy === null ? 'not verified' : percentage(accuracy)],
  ];
  return html`<dl>${tiles.map(([term, value]) => html`<div><dt>${term}</dt><dd class="${/\d/.test(value) ? 'number' : 'words'}">${value}</dd></div>`)}</dl>`;
}

function relationSection({ relations, totals: sum }: Report): Markup {
  if (relations.length === 0) return NOTHING;
  const isVerified = sum.verified !== null;
  return html`<section><h2>By relation</h2>
${barKey(isVerified)}
<table class="stack">${head('Relation', isVerified)}
<tbody>${relations.map(figures => html`<tr><th scope="row">${foreign(relationName(figures.relation), 60)}</th>${figureCells(figures, isVerified)}</tr>`)}</tbody>
<tfoot><tr><th scope="row">Total</th>${figureCells(sum, isVerified)}</tr></tfoot></table></section>`;
}

const OWN = ['Source', 'Imported', 'Skipped', 'Failed'];
const VERIFIED = ['Matched', 'Different', 'Missing', 'New at source'];

function head(first: string, isVerified: boolean): Markup {
  const columns = isVerified ? [...OWN, ...VERIFIED] : OWN;
  return html`<thead><tr><th scope="col">${first}</th><th scope="col" class="bar">Share</th>${columns.map(column => html`<th scope="col" class="n">${column}</th>`)}</tr></thead>`;
}

function figureCells(figures: Figures, isVerified: boolean): Markup {
  const { source, imported, skipped, failed, verified } = figures;
  const read = [verified?.matched, verified?.different, verified?.missing, verified?.newAtSource];
  const values = [source, imported, skipped, failed, ...(isVerified ? read : [])];
  const labels = [...OWN, ...VERIFIED];
  return html`<td class="bar">${bar(figures)}</td>${values.map(
    (value, index) =>
      html`<td class="n${value ? (labels[index] === 'Failed' ? ' bad' : '') : ' zero'}" data-label="${labels[index] ?? ''}">${value === undefined ? '–' : number(value)}</td>`,
  )}`;
}

function causesSection({ causes, entities, isWhole, importId }: Report): Markup {
  if (causes.length === 0) return NOTHING;
  const paths = new Map(entities.map(({ id, sourceFullPath }) => [id, sourceFullPath]));
  const more = causes.slice(MOST.causes);
  const rest = more.reduce((sum, one) => sum + one.count, 0);
  return html`<section><h2>What failed, by cause</h2>
${isWhole ? NOTHING : html`<p class="warn">There are more failures than were read for this report. All of a group are at <code>/api/v4/bulk_imports/${importId}/entities/…/failures</code>.</p>`}
<ol class="causes">${causes.slice(0, MOST.causes).map(cause => causeItem(cause, paths))}</ol>
${more.length === 0 ? NOTHING : html`<p class="muted">and ${count(rest, 'failure')} of ${count(more.length, 'other cause')}</p>`}</section>`;
}

function causeItem(cause: Cause, paths: ReadonlyMap<number, string>): Markup {
  const { relation, message, count: times, entities, remedy, retryHelps, examples } = cause;
  const more = times - examples.length;
  return html`<li><p><b>${number(times)} × ${foreign(relationName(relation), 60)}</b> <span class="muted">in ${entities === 1 ? 'one group or project' : `${number(entities)} groups and projects`}</span></p>
<p>${foreign(message, 600)}</p>
<p><b>What to do:</b> ${remedy} <span class="muted">${retryHelps ? 'A retry can help.' : 'A retry alone does not help.'}</span></p>
<ul class="small">${examples.map(
    ({ entityId, title }) =>
      html`<li>${title === null ? NOTHING : html`${foreign(title)} in `}${foreign(paths.get(entityId) ?? `entity ${entityId}`)}</li>`,
  )}${more > 0 ? html`<li>and ${number(more)} more</li>` : NOTHING}</ul></li>`;
}

function skipsSection(skips: SkippedRecords[]): Markup {
  if (skips.length === 0) return NOTHING;
  return html`<section><h2>What was skipped on purpose</h2>
<table><thead><tr><th scope="col">Relation</th><th scope="col">Why</th><th scope="col" class="n">Records</th></tr></thead>
<tbody>${skips.map(({ relation, reason, count: skipped }) => html`<tr><th scope="row">${foreign(relationName(relation), 60)}</th><td>${foreign(skipReason(reason))}</td><td class="n">${number(skipped)}</td></tr>`)}</tbody></table></section>`;
}

function notMigratedSection(notMigrated: NotMigrated[]): Markup {
  if (notMigrated.length === 0) return NOTHING;
  return html`<section><h2>What was not migrated</h2>
<table><thead><tr><th scope="col">Relation</th><th scope="col" class="n">Records at the source</th><th scope="col" class="n">Groups and projects</th></tr></thead>
<tbody>${notMigrated.map(({ relation, source, entities }) => html`<tr><th scope="row">${foreign(relationName(relation), 60)}</th><td class="n">${source === null ? 'not counted' : number(source)}</td><td class="n">${number(entities)}</td></tr>`)}</tbody></table></section>`;
}

function writesSection({ writes, areWritesWhole }: Report): Markup {
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

/** Those with problems first: they are what somebody looks for. */
function groupsSection(report: Report): Markup {
  const { entities, totals: sum } = report;
  const isVerified = sum.verified !== null;
  const shown = entities.toSorted((a, b) => b.problems - a.problems || a.id - b.id).slice(0, MOST.groups);
  const more = entities.length - shown.length;
  if (shown.length === 0) return NOTHING;
  return html`<section><h2>By group and project</h2>
${barKey(isVerified)}
<table class="stack">${head('Group or project', isVerified)}
<tbody>${shown.map(entity => html`<tr><th scope="row">${placesOf(entity, report)}</th>${figureCells(sumFigures(entity.relations), isVerified)}</tr>`)}</tbody></table>
${more === 0 ? NOTHING : html`<p class="muted">and ${number(more)} more groups and projects, which have fewer problems. The report as CSV has them.</p>`}</section>`;
}

function placesOf(entity: ReportedEntity, { sourceUrl, destinationUrl }: Report): Markup {
  const { sourceFullPath, destinationFullPath, status, problems } = entity;
  return html`${link(sourceUrl, sourceFullPath)}<br><span class="small"><span class="muted">to</span> ${
    destinationFullPath === null
      ? html`<span class="muted">nothing: it was not made</span>`
      : link(destinationUrl, destinationFullPath)
  }<br><span class="${problems > 0 || !['finished', 'started', 'created'].includes(status) ? 'warn' : 'muted'}">${statusWords(status, problems > 0)}${problems > 0 ? `, ${count(problems, 'problem')}` : ''}</span></span>`;
}

function link(baseUrl: string, fullPath: string): Markup {
  const page = pageAt(baseUrl, fullPath);
  return page === undefined ? foreign(fullPath) : html`<a href="${page}">${foreign(fullPath)}</a>`;
}

function problemsSection({ problems, problemsTotal, importId }: Report): Markup {
  if (problems.length === 0) return NOTHING;
  const shown = problems.slice(0, MOST.problems);
  const more = problemsTotal - shown.length;
  return html`<section><h2>Problems one by one</h2>
<table class="stack problems"><thead><tr><th scope="col">Where</th><th scope="col">What</th><th scope="col">Why</th></tr></thead>
<tbody>${shown.map(problemRow)}</tbody></table>
${more <= 0 ? NOTHING : html`<p class="muted">and ${number(more)} more: <code>/api/v4/bulk_imports/${importId}/report</code> has the first 1,000, and the failures of each group all of its own.</p>`}</section>`;
}

function problemRow({ sourceFullPath, relation, title, kind, fields, message }: Problem): Markup {
  return html`<tr><th scope="row">${foreign(sourceFullPath)}</th><td>${foreign(relationName(relation), 60)}${title === null ? NOTHING : html` <b>${foreign(title)}</b>`} <span class="muted">${kind}${fields.length === 0 ? NOTHING : html`: ${foreign(fields.join(', '))}`}</span></td><td>${foreign(message, 600)}</td></tr>`;
}
