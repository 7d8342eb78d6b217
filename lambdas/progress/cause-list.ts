import { duration, foreign, html, type Markup, NOTHING, number } from '../report/markup.ts';
import { skipReason } from '../report/words.ts';
import { atLeast, entityCount, relationText } from './parts.ts';
import type { CauseProgress, ImportProgress } from './progress.ts';

/** Why records of an import failed: one line for each cause, with what can be done. */
export function causeList(
  { id, causes, causesTotal, failures: { isExact } }: ImportProgress,
  now: string,
): Markup {
  if (causes.length === 0) return NOTHING;
  const more = causesTotal - causes.length;
  return html`<section class="bip-why" aria-labelledby="bip-i${id}-why"><h4 id="bip-i${id}-why">Why records failed</h4>
<ol class="bip-failures">${causes.map(cause => causeItem(cause, isExact, now))}</ol>
${more > 0 ? html`<p class="bip-muted">and ${number(more)} other causes: the report has them.</p>` : NOTHING}</section>`;
}

function causeItem(cause: CauseProgress, isExact: boolean, now: string): Markup {
  const { relation, message, count, entities, remedy, retryHelps, lastAt, examples } = cause;
  const [first] = examples;
  const where =
    count > 1 || first === undefined ? `in ${entityCount(entities)}` : html`in ${foreign(first.path)}`;
  const titles = examples.flatMap(({ title }) => (title === null ? [] : [title]));
  const others = count - titles.length;
  return html`<li><p class="bip-where"><b>${atLeast({ known: count, isExact })} × ${relationText(relation)}</b> <span class="bip-muted">${where}${titles.map((title, at) => html`${at === 0 ? ': ' : ', '}${foreign(title, 80)}`)}${titles.length > 0 && others > 0 ? ` and ${number(others)} more` : ''}, ${count > 1 ? 'the last ' : ''}<time datetime="${lastAt}">${duration(Date.parse(now) - Date.parse(lastAt))} ago</time></span></p>
<p>${foreign(message, 600)}</p><p class="bip-remedy"><b>What to do:</b> ${remedy} <span class="bip-muted">${retryHelps ? 'A retry can help.' : 'A retry alone does not help.'}</span></p></li>`;
}

/** What was left out on purpose, one key press away: nothing of it needs attention. */
export function skipList({ id, skips, hasMoreRecords }: ImportProgress): Markup {
  if (skips.length === 0) return NOTHING;
  const all = skips.reduce((sum, { count }) => sum + count, 0);
  const known = atLeast({ known: all, isExact: hasMoreRecords !== true });
  return html`<details id="bip-i${id}-skip"><summary id="bip-i${id}-skip-s">${known} ${all === 1 ? 'record' : 'records'} skipped on purpose</summary><ul class="bip-skips">${skips.map(
    ({ relation, reason, count }) =>
      html`<li><b>${number(count)} × ${relationText(relation)}</b> ${foreign(skipReason(reason))}</li>`,
  )}</ul></details>`;
}
