import type { Cause } from './causes.ts';
import { count, foreign, html, type Markup, NOTHING, number } from './markup.ts';
import { relationName } from './relation-names.ts';
import type { Problem, Report } from './report.ts';
import { headingsOf } from './words.ts';

/** What is listed; the rest is counted. 500 problems are a megabyte at most. */
const MOST = { causes: 100, problems: 500 };

/** What failed, or would, by what causes it. */
export function causesSection(report: Report): Markup {
  const { kind, causes, entities, isWhole, importId } = report;
  if (causes.length === 0) return NOTHING;
  const paths = new Map(entities.map(({ id, sourceFullPath }) => [id, sourceFullPath]));
  const more = causes.slice(MOST.causes);
  const rest = more.reduce((sum, one) => sum + one.count, 0);
  const path = kind === 'plan' ? `plans/${importId}` : importId;
  return html`<section><h2>${headingsOf(report).causes}</h2>
${isWhole ? NOTHING : html`<p class="warn">There are more failures than were read for this report. All of a group are at <code>/api/v4/bulk_imports/${path}/entities/…/failures</code>.</p>`}
<ol class="causes">${causes.slice(0, MOST.causes).map(cause => causeItem(cause, paths, kind === 'plan'))}</ol>
${more.length === 0 ? NOTHING : html`<p class="muted">and ${count(rest, 'failure')} of ${count(more.length, 'other cause')}</p>`}</section>`;
}

function causeItem(cause: Cause, paths: ReadonlyMap<number, string>, isPlanned: boolean): Markup {
  const { relation, message, count: times, entities, remedy, retryHelps, examples } = cause;
  const more = times - examples.length;
  const outlook = retryHelps ? 'A retry can help.' : 'A retry alone does not help.';
  return html`<li><p><b>${number(times)} × ${foreign(relationName(relation), 60)}</b> <span class="muted">in ${entities === 1 ? 'one group or project' : `${number(entities)} groups and projects`}</span></p>
<p>${foreign(message, 600)}</p>
<p><b>What to do:</b> ${remedy}${isPlanned ? NOTHING : html` <span class="muted">${outlook}</span>`}</p>
<ul class="small">${examples.map(
    ({ entityId, title }) =>
      html`<li>${title === null ? NOTHING : html`${foreign(title)} in `}${foreign(paths.get(entityId) ?? `entity ${entityId}`)}</li>`,
  )}${more > 0 ? html`<li>and ${number(more)} more</li>` : NOTHING}</ul></li>`;
}

/** The first problems, each by itself. */
export function problemsSection({ kind, problems, problemsTotal, importId }: Report): Markup {
  if (problems.length === 0) return NOTHING;
  const shown = problems.slice(0, MOST.problems);
  const more = problemsTotal - shown.length;
  const path = kind === 'plan' ? `plans/${importId}` : importId;
  return html`<section><h2>Problems one by one</h2>
<table class="stack problems"><thead><tr><th scope="col">Where</th><th scope="col">What</th><th scope="col">Why</th></tr></thead>
<tbody>${shown.map(problemRow)}</tbody></table>
${more <= 0 ? NOTHING : html`<p class="muted">and ${number(more)} more: <code>/api/v4/bulk_imports/${path}/report</code> has the first 1,000, and the failures of each group all of its own.</p>`}</section>`;
}

function problemRow({ sourceFullPath, relation, title, kind, fields, message }: Problem): Markup {
  return html`<tr><th scope="row">${foreign(sourceFullPath)}</th><td>${foreign(relationName(relation), 60)}${title === null ? NOTHING : html` <b>${foreign(title)}</b>`} <span class="muted">${kind}${fields.length === 0 ? NOTHING : html`: ${foreign(fields.join(', '))}`}</span></td><td>${foreign(message, 600)}</td></tr>`;
}
