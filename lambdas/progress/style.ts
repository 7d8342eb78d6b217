import { DARK, LIGHT } from '../report/colors.ts';

/**
 * The style of the progress, for the dashboard and for the local page. It paints its own background, so its contrasts
 * hold whatever is around it, and it looks at its own width, not at the window's: a widget is narrow in a wide window.
 */
export const PROGRESS_STYLE = `
.bip {${LIGHT}
  container-type: inline-size; background: var(--back); color: var(--text); padding: 1rem;
  font: 0.9375rem/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
@media (prefers-color-scheme: dark) { .bip:not(.bip-light) {${DARK} } }
.bip.bip-dark {${DARK} }
.bip *, .bip *::before { box-sizing: border-box; }
.bip h2, .bip h3, .bip p, .bip dl, .bip dd, .bip ol, .bip ul, .bip pre { margin: 0; padding: 0; }
.bip h2 { font-size: 1.125rem; margin: 1.75rem 0 0.75rem; }
.bip .bip-content > section:first-child h2 { margin-top: 0; }
.bip h3 { font-size: 1rem; overflow-wrap: anywhere; min-width: 0; }
.bip bdi { overflow-wrap: anywhere; }
.bip .bip-from { font-weight: 400; }
.bip .bip-muted, .bip .bip-to { color: var(--muted); font-weight: 400; }
.bip .bip-content > .bip-muted { margin-top: 1.5rem; font-size: 0.8125rem; }
.bip .bip-hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.bip .bip-totals { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0.75rem; }
.bip .bip-totals > div { border: 1px solid var(--line); border-radius: 8px; padding: 0.625rem 0.875rem; }
.bip .bip-totals dt { color: var(--muted); font-size: 0.8125rem; }
.bip .bip-totals dd { font-size: 1.5rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.bip .bip-totals small { font-size: 0.9375rem; font-weight: 400; color: var(--muted); }
.bip .bip-totals .bip-bad dd, .bip .bip-count.bip-bad { color: var(--bad); font-weight: 600; }
.bip .bip-import {
  border: 1px solid var(--line); border-radius: 8px; background: var(--panel); padding: 0.875rem 1rem;
  margin-top: 0.75rem;
}
.bip .bip-import > header { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; }
.bip .bip-overall { display: grid; gap: 0.25rem; margin: 0.625rem 0; }
.bip .bip-overall progress { height: 0.875rem; }
.bip progress {
  appearance: none; display: block; width: 100%; height: 0.625rem; overflow: hidden;
  border: 1px solid var(--edge); border-radius: 999px; background: var(--track);
}
.bip progress::-webkit-progress-bar { background: var(--track); }
.bip progress::-webkit-progress-value { background: var(--accent); }
.bip progress::-moz-progress-bar { background: var(--accent); }
@media (prefers-reduced-motion: no-preference) {
  .bip progress::-webkit-progress-value { transition: width 0.4s ease-out; }
}
.bip .bip-badge {
  display: inline-block; border: 1px solid currentColor; border-radius: 999px; padding: 0 0.5rem;
  font-size: 0.8125rem; font-weight: 500; white-space: nowrap; color: var(--muted); background: var(--back);
}
.bip .bip-badge.bip-partial { white-space: normal; border-radius: 0.75rem; }
.bip .bip-badge.bip-started { color: var(--accent); }
.bip .bip-badge.bip-finished { color: var(--good); }
.bip .bip-badge.bip-failed { color: var(--bad); }
.bip .bip-badge.bip-partial, .bip .bip-badge.bip-timeout, .bip .bip-badge.bip-canceled { color: var(--warn); }
.bip table { color: inherit; font: inherit; width: 100%; table-layout: fixed; border-collapse: collapse; margin-top: 0.375rem; }
.bip th, .bip td { text-align: start; vertical-align: top; padding: 0.4375rem 0.75rem 0.4375rem 0; }
.bip thead th { font-size: 0.8125rem; font-weight: 600; color: var(--muted); }
.bip thead th:nth-child(2) { width: 7rem; }
.bip thead th:nth-child(3) { width: 34%; }
.bip thead th:nth-child(4) { width: 5rem; }
.bip tbody tr { border-top: 1px solid var(--line); }
.bip tbody th { font-weight: 600; }
.bip .bip-to { display: block; }
.bip tbody progress { margin-top: 0.375rem; }
.bip .bip-counts, .bip .bip-relations { font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
.bip .bip-counts { margin-top: 0.25rem; }
.bip .bip-count { font-variant-numeric: tabular-nums; }
.bip .bip-label { display: none; }
.bip details > summary { cursor: pointer; padding: 0.3125rem 0.25rem; border-radius: 4px; width: fit-content; }
.bip .bip-relations > summary { padding: 0.25rem 0; }
.bip .bip-relations ul { list-style: none; columns: 11rem; column-gap: 1rem; }
.bip .bip-relations b { font-weight: 600; }
.bip .bip-relations li { break-inside: avoid; }
.bip .bip-skip { display: block; color: var(--muted); }
.bip .bip-wait { margin-top: 0.25rem; font-size: 0.8125rem; color: var(--warn); overflow-wrap: anywhere; }
.bip .bip-more { padding-top: 0.375rem; }
.bip :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.bip .bip-failures { list-style: none; }
.bip .bip-failures li {
  border-inline-start: 3px solid var(--bad); padding: 0.125rem 0 0.125rem 0.75rem; margin-bottom: 0.75rem;
}
.bip .bip-failures b { font-weight: 600; }
.bip .bip-bad-text { color: var(--bad); font-weight: 600; }
.bip .bip-good-text { color: var(--good); }
.bip h4 { font-size: 0.9375rem; margin: 0.75rem 0 0.5rem; }
.bip .bip-skips { list-style: none; padding: 0 0 0.375rem 0.25rem; }
.bip .bip-skips b { font-weight: 600; }
.bip .bip-commands { padding: 0 0 0.375rem 0.25rem; }
.bip .bip-commands pre { margin: 0.25rem 0 0.625rem; padding: 0.5rem 0.625rem; border: 1px solid var(--line); border-radius: 6px; background: var(--back); }
.bip .bip-import > .bip-wait, .bip .bip-import > .bip-pace { margin: 0.375rem 0; }
.bip a { color: var(--accent); text-underline-offset: 0.125em; }
.bip tbody th a { color: inherit; text-decoration-color: var(--edge); }
.bip .bip-idle { border: 1px solid var(--line); border-radius: 8px; background: var(--panel); padding: 1rem; }
.bip .bip-idle > * + * { margin-top: 0.625rem; }
.bip pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.8125rem; line-height: 1.5; }
.bip code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; }
@container (max-width: 40rem) {
  .bip .bip-totals { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .bip table, .bip tbody { display: block; }
  .bip thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .bip tbody tr {
    display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.125rem 0.75rem; padding: 0.5rem 0;
  }
  .bip tbody th, .bip tbody td { padding: 0; }
  .bip tbody th { grid-column: 1 / -1; }
  .bip tbody td:nth-child(2) { grid-area: 3 / 1; }
  .bip tbody td:nth-child(3) { grid-area: 2 / 1 / auto / -1; }
  .bip tbody td:nth-child(4) { grid-area: 3 / 2; }
  .bip .bip-label { display: inline; }
}
`;
