import { DARK, LIGHT } from './colors.ts';

/** The style of the report: on a screen, on a phone, and on paper, where it is light. */
export const REPORT_STYLE = `
:root {${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; background: var(--back); color: var(--text);
  font: 0.9375rem/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
h1 { font-size: 1.5rem; margin: 0 0 0.25rem; }
h2 { font-size: 1.1875rem; margin: 2.25rem 0 0.625rem; }
p { margin: 0.375rem 0; max-width: 60rem; }
bdi, code { overflow-wrap: anywhere; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; font-size: 0.8125rem; }
a { color: var(--accent); }
.muted { color: var(--muted); }
.small { font-size: 0.8125rem; }
.badge {
  display: inline-block; border: 1px solid currentColor; border-radius: 999px; padding: 0 0.5rem;
  font-size: 0.8125rem; font-weight: 500; color: var(--muted); vertical-align: middle;
}
.good { color: var(--good); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; margin: 1.25rem 0; }
dl > div { border: 1px solid var(--line); border-radius: 8px; padding: 0.5rem 0.75rem; background: var(--panel); }
dt { color: var(--muted); font-size: 0.8125rem; }
.problems th { width: 22%; }
.problems th:last-child { width: auto; }
.n.zero { color: var(--muted); }
dd { margin: 0; font-size: 1.375rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dd.words { font-size: 1rem; line-height: 1.9; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: start; vertical-align: top; padding: 0.375rem 0.75rem 0.375rem 0; overflow-wrap: anywhere; }
tbody th { font-weight: 500; }
thead th { font-size: 0.8125rem; color: var(--muted); border-bottom: 1px solid var(--edge); overflow-wrap: normal; }
tbody tr, tfoot tr { border-bottom: 1px solid var(--line); break-inside: avoid; }
tfoot { font-weight: 600; }
.n { text-align: end; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
.bar { width: 20%; min-width: 5rem; }
.places { min-width: 13rem; }
.bar svg { display: block; width: 100%; height: 0.75rem; margin-top: 0.25rem; }
.track { fill: var(--track); stroke: var(--edge); }
.s-good { fill: var(--good); }
.s-skip { fill: var(--edge); }
.s-bad { fill: var(--bad); }
.key { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.8125rem; color: var(--muted); }
.key svg { width: 0.75rem; height: 0.75rem; vertical-align: -0.0625rem; margin-inline-end: 0.375rem; }
.causes { list-style: none; margin: 0; padding: 0; }
.causes > li { border-inline-start: 3px solid var(--bad); padding: 0.125rem 0 0.125rem 0.875rem; margin-bottom: 1rem; break-inside: avoid; }
.causes ul { margin: 0.25rem 0 0; padding-inline-start: 1.125rem; }
@media (max-width: 40rem) {
  th, td { padding-inline-end: 0.5rem; }
  .bar { width: auto; min-width: 4rem; }
  .places { min-width: 0; }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; width: auto; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr { display: flex; flex-wrap: wrap; gap: 0 0.75rem; padding: 0.4375rem 0; }
  .stack th, .stack td { padding: 0.0625rem 0; }
  .stack th, .stack td:not(.n) { flex: 1 0 100%; }
  .stack .n { text-align: start; white-space: normal; }
  .stack .n::before { content: attr(data-label) ': '; color: var(--muted); font-weight: 400; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  a { color: inherit; text-decoration: none; }
  thead { display: table-header-group; }
}
`;
