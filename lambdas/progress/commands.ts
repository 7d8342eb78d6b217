import { isTerminal } from '../domain/statuses.ts';
import { html, type Markup, NOTHING } from '../report/markup.ts';
import type { ImportProgress } from './progress.ts';

interface Command {
  /** What it is for, as a sentence without its point. */
  does: string;
  method?: 'POST';
  /** Below the import or plan. */
  path: string;
  /** File that it writes. */
  output?: string;
  /** Whether it wants a token of the source again, which is erased when an import ends. */
  wantsSource?: true;
}

const RETRY = { does: 'Try again what failed', method: 'POST', path: '/retry', wantsSource: true } as const;

const VERIFY = {
  does: 'Verify it, by reading both GitLabs again',
  method: 'POST',
  path: '/verify',
  wantsSource: true,
} as const;

/** What can be done about an import now. */
function commandsFor({ id, status, hasFailures }: ImportProgress): Command[] {
  return [
    ...(isTerminal(status) && status !== 'canceled' && hasFailures ? [RETRY] : []),
    ...(isTerminal(status) && status !== 'canceled' ? [VERIFY] : []),
    ...(isTerminal(status)
      ? []
      : [{ does: 'Cancel it, for good', method: 'POST' as const, path: '/cancel' }]),
    ...reportsAs(`bulk-import-${id}`),
  ];
}

const reportsAs = (name: string): Command[] => [
  { does: 'Save the report as a page', path: '/report.html', output: `${name}.html` },
  { does: 'Save the report for a spreadsheet', path: '/report.csv', output: `${name}.csv` },
];

/**
 * Commands to be copied: the page itself does nothing, since whoever reads it has shown no token.
 *
 * @param endpoint the service's base URL
 */
export function commands(record: ImportProgress, endpoint: string): Markup {
  const id = `bip-i${record.id}-do`;
  const offered = commandsFor(record);
  return html`<details id="${id}"><summary id="${id}-s">Commands<span class="bip-hidden"> for import ${record.id}</span></summary><div class="bip-commands">${offered.map(command => copyable(command, String(record.id), endpoint))}
${tokenLine(offered.some(({ wantsSource }) => wantsSource))}</div></details>`;
}

/**
 * Commands that save a report.
 *
 * @param of `42` for an import, `plans/57` for a plan
 * @param name of the file, without its ending
 */
export function saveReport(of: string, name: string, endpoint: string): Markup {
  return html`${reportsAs(name).map(command => copyable(command, of, endpoint))}${tokenLine(false)}`;
}

function copyable(command: Command, of: string, endpoint: string): Markup {
  return html`<p>${command.does}:</p><pre><code>${curl(command, of, endpoint)}</code></pre>`;
}

function tokenLine(withSource: boolean): Markup {
  return html`<p class="bip-muted"><code>$TOKEN</code> is a token of yours at the destination, with the scope <code>api</code>${withSource ? html`, <code>$SOURCE_TOKEN</code> one at the source` : NOTHING}.</p>`;
}

function curl({ method, path, output, wantsSource }: Command, of: string, endpoint: string): string {
  return [
    `curl${method === undefined ? '' : ` --request ${method}`}`,
    '--header "PRIVATE-TOKEN: $TOKEN"',
    ...(wantsSource ? ['--data-urlencode "configuration[access_token]=$SOURCE_TOKEN"'] : []),
    ...(output === undefined ? [] : [`--output ${output}`]),
    `"${endpoint}/api/v4/bulk_imports/${of}${path}"`,
  ].join(' ');
}
