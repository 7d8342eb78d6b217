import { isTerminal } from '../domain/statuses.ts';
import { html, type Markup, NOTHING } from '../report/markup.ts';
import type { ImportProgress } from './progress.ts';

interface Command {
  /** What it is for, as a sentence without its point. */
  does: string;
  method?: 'POST';
  /** Below the import. */
  path: string;
  /** File that it writes. */
  output?: string;
  /** Whether it wants a token of the source again, which is erased when an import ends. */
  wantsSource?: true;
}

const RETRY = { does: 'Try again what failed', method: 'POST', path: '/retry', wantsSource: true } as const;

/** What can be done about an import now. */
function commandsFor({ id, status, hasFailures }: ImportProgress): Command[] {
  return [
    ...(isTerminal(status) && status !== 'canceled' && hasFailures ? [RETRY] : []),
    ...(isTerminal(status)
      ? []
      : [{ does: 'Cancel it, for good', method: 'POST' as const, path: '/cancel' }]),
    { does: 'Save the report as a page', path: '/report.html', output: `bulk-import-${id}.html` },
    { does: 'Save the report for a spreadsheet', path: '/report.csv', output: `bulk-import-${id}.csv` },
  ];
}

/**
 * Commands to be copied: the page itself does nothing, since whoever reads it has shown no token.
 *
 * @param endpoint the service's base URL
 */
export function commands(record: ImportProgress, endpoint: string): Markup {
  const id = `bip-i${record.id}-do`;
  const offered = commandsFor(record);
  return html`<details id="${id}"><summary id="${id}-s">Commands<span class="bip-hidden"> for import ${record.id}</span></summary><div class="bip-commands">${offered.map(
    command => html`<p>${command.does}:</p><pre><code>${curl(command, record, endpoint)}</code></pre>`,
  )}
<p class="bip-muted"><code>$TOKEN</code> is a token of yours at the destination, with the scope <code>api</code>${offered.some(({ wantsSource }) => wantsSource) ? html`, <code>$SOURCE_TOKEN</code> one at the source` : NOTHING}.</p></div></details>`;
}

function curl(
  { method, path, output, wantsSource }: Command,
  { id }: ImportProgress,
  endpoint: string,
): string {
  return [
    `curl${method === undefined ? '' : ` --request ${method}`}`,
    '--header "PRIVATE-TOKEN: $TOKEN"',
    ...(wantsSource ? ['--data-urlencode "configuration[access_token]=$SOURCE_TOKEN"'] : []),
    ...(output === undefined ? [] : [`--output ${output}`]),
    `"${endpoint}/api/v4/bulk_imports/${id}${path}"`,
  ].join(' ');
}
