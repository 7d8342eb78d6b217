import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { environment } from '../../lambdas/platform/environment.ts';
import { pageTitle, renderProgress } from '../../lambdas/progress/page.ts';
import { readProgress } from '../../lambdas/progress/read.ts';
import { PROGRESS_STYLE } from '../../lambdas/progress/style.ts';
import { html, Markup } from '../../lambdas/report/markup.ts';
import { targetOf } from './request-target.ts';

const SCRIPT = readFileSync(new URL('./progress-refresh.js', import.meta.url), 'utf8');

const STYLE = `${PROGRESS_STYLE}
body { margin: 0; }
body.bip { min-height: 100vh; }
.bip .bip-page { max-width: 70rem; margin: 0 auto; }
.bip .bip-head { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: baseline; margin-bottom: 1rem; }
.bip h1 { font-size: 1.375rem; margin: 0; }
.bip .bip-head p { flex: 1 1 12rem; min-width: 0; }
.bip button {
  font: inherit; color: var(--text); background: var(--panel); border: 1px solid var(--edge); border-radius: 6px;
  padding: 0.25rem 0.75rem; cursor: pointer;
}
.bip #trouble:not(:empty) { border: 1px solid var(--bad); border-radius: 6px; padding: 0.5rem 0.75rem; color: var(--bad); margin-bottom: 1rem; }
`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded from anywhere, and nothing runs but the one script of the page. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hash(SCRIPT)}`,
    `style-src ${hash(STYLE)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/**
 * Answers what a browser asks at the root of the local service: the page (`/`) and the piece of it that changes
 * (`/progress`), made by the renderer of the dashboard's widget. It is for who runs the service on this machine, so
 * it asks for no token, and it shows none.
 *
 * @returns whether the request was for the page
 */
export async function answerProgress(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const pathname = targetOf(request)?.pathname ?? '';
  if (!['/', '/progress'].includes(pathname) || !['GET', 'HEAD'].includes(request.method ?? '')) return false;
  const progress = await readProgress();
  const fragment = renderProgress(progress, `http://${request.headers.host}`);
  response.writeHead(200, HEADERS).end(pathname === '/' ? page(pageTitle(progress), fragment) : fragment);
  return true;
}

function page(title: string, fragment: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<style>${new Markup(STYLE)}</style>
</head>
<body class="bip">
<div class="bip-page">
<header class="bip-head"><h1>Bulk imports</h1><p class="bip-muted">to <bdi>${environment.destinationUrl()}</bdi></p><button type="button" id="pause" hidden>Pause updates</button></header>
<p id="trouble" role="status"></p>
<main id="progress" tabindex="-1">${new Markup(fragment)}</main>
</div>
<script type="module">${new Markup(SCRIPT)}</script>
</body>
</html>
`.toString();
}
