import { count, html, type Markup, NOTHING, number, time } from '../report/markup.ts';
import { importSection } from './import-section.ts';
import { atLeast, entitiesOf, failureText, hasFailures, percent, sumFailures } from './parts.ts';
import { planSection } from './plan-section.ts';
import type { Progress } from './progress.ts';
import { PROGRESS_STYLE } from './style.ts';

/** The progress as a piece of HTML, for a page that brings `PROGRESS_STYLE`. @param endpoint the service's base URL */
export function renderProgress(progress: Progress, endpoint: string): string {
  const { open, ended, now } = progress;
  return html`<div class="bip-content" data-title="${pageTitle(progress)}">
${progress.inFlight === 0 ? idle(endpoint, ended.length > 0) : inFlight(progress, endpoint)}
${planSection(progress.plans, endpoint)}
${ended.length === 0 ? NOTHING : html`<section aria-labelledby="bip-ended"><h2 id="bip-ended">Ended last</h2>${ended.map(record => importSection(record, now, endpoint))}</section>`}
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

function inFlight({ inFlight: total, open, now }: Progress, endpoint: string): Markup {
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
${open.map(record => importSection(record, now, endpoint))}
</section>`;
}
