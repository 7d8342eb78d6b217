import { hostOf } from '../report/links.ts';
import {
  count,
  duration,
  foreign,
  html,
  type Markup,
  NOTHING,
  number,
  size,
  time,
} from '../report/markup.ts';
import { saveReport } from './commands.ts';
import { badge, entityCount } from './parts.ts';
import type { PlanProgress } from './progress.ts';

/** Plans: what each would do, and how to get its report. Nothing of them is an import, and they are counted as none. */
export function planSection(plans: readonly PlanProgress[], endpoint: string): Markup {
  if (plans.length === 0) return NOTHING;
  return html`<section aria-labelledby="bip-plans"><h2 id="bip-plans">Plans</h2>${plans.map(plan => planArticle(plan, endpoint))}</section>`;
}

function planArticle(plan: PlanProgress, endpoint: string): Markup {
  const { id, sourceUrl, status, hasBlockers, failure, createdAt, entities } = plan;
  const name = `bip-p${id}`;
  return html`<article class="bip-import" id="${name}" aria-labelledby="${name}-name">
<header><h3 id="${name}-name">Plan ${id} <span class="bip-from">from ${foreign(hostOf(sourceUrl))}</span></h3>${hasBlockers && status === 'finished' ? html`<span class="bip-badge bip-partial">finished, with blockers</span>` : badge(status, false)}</header>
<p class="bip-muted">Started ${time(createdAt)}, ${entityCount(entities)} found. Nothing is changed at either GitLab.</p>
${failure === null ? NOTHING : html`<p class="bip-bad">${foreign(failure, 600)}</p>`}
${totalsLine(plan)}
<details id="${name}-do"><summary id="${name}-do-s">Commands<span class="bip-hidden"> for plan ${id}</span></summary><div class="bip-commands">${saveReport(`plans/${id}`, `plan-${id}`, endpoint)}</div></details>
</article>`;
}

function totalsLine({ totals }: PlanProgress): Markup {
  if (totals === null) return NOTHING;
  const { changes, writes, emails, limit, archives } = totals;
  const { create, update, unchanged, skip, blocked, unknown } = changes;
  const words = [
    `${number(create)} to create`,
    `${number(update)} to change`,
    `${number(unchanged)} there already`,
    `${number(skip)} to skip`,
    `${number(unknown)} only known then`,
  ].join(', ');
  const takes =
    limit > 0 ? `, about ${duration((60_000 * writes) / limit)} at the limit of the destination` : '';
  return html`<p>${words}, <span class="${blocked > 0 ? 'bip-bad-text' : ''}">${number(blocked)} blocked</span>. ${count(writes, 'write')}${takes}; ${count(emails, 'e-mail')} to new members.${archives === undefined || archives.projects === archives.unknown ? '' : ` Archives of about ${size(archives.bytes)}.`}</p>`;
}
