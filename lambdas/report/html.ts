import { isTerminal } from '../domain/statuses.ts';
import { accuracyOf } from './figures.ts';
import { causesSection, problemsSection } from './html-problems.ts';
import { REPORT_STYLE } from './html-style.ts';
import {
  archivesSection,
  groupsSection,
  newSection,
  notMigratedSection,
  planSection,
  relationSection,
  skipsSection,
  writesSection,
} from './html-tables.ts';
import { hostOf } from './links.ts';
import { duration, foreign, html, Markup, NOTHING, number, time } from './markup.ts';
import type { Report } from './report.ts';
import { percentage, statusOf, titleOf, verdict } from './words.ts';

/** Nothing may be loaded and nothing may run, wherever the file is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one file of HTML that needs nothing else, to be mailed, read and printed. */
export function htmlReport(report: Report): string {
  const { sourceUrl, destinationUrl, madeAt } = report;
  const title = titleOf(report);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: ${hostOf(sourceUrl)} to ${hostOf(destinationUrl)}</title>
<style>${new Markup(REPORT_STYLE)}</style>
</head>
<body>
<header><h1>${title} ${badge(report)}</h1>
<p class="muted">From ${foreign(hostOf(sourceUrl))} to ${foreign(hostOf(destinationUrl))}. ${timesOf(report)}</p></header>
<main>
${report.failure === null ? NOTHING : html`<p class="bad">${foreign(report.failure, 600)}</p>`}
${verdict(report).map(sentence => html`<p>${sentence}</p>`)}
${tiles(report)}
${relationSection(report)}
${planSection(report)}
${archivesSection(report)}
${causesSection(report)}
${skipsSection(report)}
${notMigratedSection(report)}
${newSection(report)}
${writesSection(report)}
${groupsSection(report)}
${problemsSection(report)}
</main>
<footer><p class="muted small">Made ${time(madeAt)}.</p></footer>
</body>
</html>
`.toString();
}

function badge(report: Report): Markup {
  const { status, problemsTotal, failure } = report;
  const isBad = problemsTotal > 0 || failure !== null;
  const tone = status === 'finished' ? (isBad ? 'warn' : 'good') : isTerminal(status) ? 'bad' : '';
  return html`<span class="badge ${tone}">${statusOf(report)}</span>`;
}

function timesOf({ status, createdAt, updatedAt, madeAt, attempt, verifiedAt }: Report): Markup {
  const until = isTerminal(status) ? updatedAt : madeAt;
  const took = duration(Date.parse(until) - Date.parse(createdAt));
  return html`Started ${time(createdAt)}, ${isTerminal(status) ? `ended after ${took}` : `${took} ago`}${attempt > 1 ? `, attempt ${attempt}` : ''}${verifiedAt === null ? NOTHING : html`, verified ${time(verifiedAt)}`}.`;
}

function tiles({ kind, totals, statuses, problemsTotal }: Report): Markup {
  const accuracy = accuracyOf(totals);
  const { planned } = totals;
  const entities = Object.values(statuses).reduce((sum, one) => sum + one, 0);
  const own: [string, number | string][] =
    kind === 'plan'
      ? [
          ['To create', planned?.create ?? 0],
          ['To change', planned?.update ?? 0],
          ['To skip', planned?.skip ?? 0],
          ['Blocked', planned?.blocked ?? 0],
        ]
      : [
          ['Imported', totals.imported],
          ['Skipped', totals.skipped],
          ['Failed', totals.failed],
          ['Accuracy', accuracy === null ? 'not verified' : percentage(accuracy)],
        ];
  const all: [string, number | string][] = [
    ['Groups and projects', entities],
    ['Records at the source', totals.source],
    ...own,
    ['Problems', problemsTotal],
  ];
  return html`<dl>${all.map(
    ([term, value]) =>
      html`<div><dt>${term}</dt><dd class="${value === 'not verified' ? 'words' : 'number'}">${typeof value === 'number' ? number(value) : value}</dd></div>`,
  )}</dl>`;
}
