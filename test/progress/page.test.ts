import { describe, expect, it } from 'vitest';
import { pageTitle, renderProgress, renderWidget } from '../../lambdas/progress/page.ts';
import type { ImportProgress } from '../../lambdas/progress/progress.ts';
import { countsOf } from '../support/table/counts.ts';
import {
  HOSTILE_NAMES,
  NO_RECORDS,
  NOW,
  newCauseProgress,
  newEntityProgress,
  newImportProgress,
  newPlanProgress,
  newProgress,
} from './fixtures.ts';

const ENDPOINT = 'http://127.0.0.1:3000';

/** The text of the page as it is read, without tags. */
function textOf(page: string): string {
  return page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('the progress', () => {
  it('tells how to start an import when there was none', () => {
    const page = renderProgress(newProgress(), ENDPOINT);

    expect(page).toContain('Nothing imported yet');
    expect(page).toContain(`curl --request POST ${ENDPOINT}/api/v4/bulk_imports \\`);
    expect(page).toContain('&lt;your token of the source&gt;');
    expect(page).not.toContain('In flight</h2>');
  });

  it('shows what ended last when nothing is in flight', () => {
    const ended = newImportProgress({
      status: 'finished',
      entities: [newEntityProgress({ status: 'finished' })],
    });

    const page = renderProgress(newProgress({ ended: [ended] }), ENDPOINT);

    expect(page).toContain('No import is in flight');
    expect(page).toContain('Ended last');
    expect(textOf(page)).toContain('took 5 min 53 s');
    expect(textOf(page)).toContain('1 group or project ended: 1 finished');
  });

  it('adds up imports, groups, records and failures', () => {
    const first = newImportProgress({
      entities: [
        newEntityProgress({ id: 1, status: 'finished', failures: { known: 2, isExact: true } }),
        newEntityProgress({ id: 2, status: 'canceled' }),
        newEntityProgress({ id: 3 }),
      ],
    });
    const second = newImportProgress({
      id: 8,
      entities: [newEntityProgress({ status: 'created', records: NO_RECORDS })],
    });

    const text = textOf(renderProgress(newProgress({ open: [second, first] }), ENDPOINT));

    expect(text).toContain('Imports in flight 2 ');
    expect(text).toContain('Groups and projects done 2 of 4 ');
    expect(text).toContain('Records moved 126 ');
    expect(text).toContain('Failures 2 ');
    expect(text).toContain('2 of 3 groups and projects done (66 %), 126 records moved, 2 failures');
    expect(text).toContain('0 of 1 group or project done (0 %)');
  });

  it('shows a group with its paths, status, counts and relations', () => {
    const page = renderProgress(newProgress({ open: [newImportProgress()] }), ENDPOINT);

    expect(textOf(page)).toContain('acme/platform → to imported/platform running');
    expect(textOf(page)).toContain('45 of 60, 2 skipped, 1 failed of acme/platform, by relation');
    expect(textOf(page)).toContain('Milestones 5 of 20');
    expect(page).toContain(
      '<progress max="60" value="45" aria-labelledby="bip-e1" aria-valuetext="45 of 60 records done">',
    );
  });

  it('gives every bar a sensible range, whatever the source says', () => {
    const entities = [
      newEntityProgress({ id: 1, records: NO_RECORDS, relations: [] }),
      newEntityProgress({ id: 2, records: { ...NO_RECORDS, source: 2, fetched: 5, imported: 5 } }),
    ];

    const page = renderProgress(newProgress({ open: [newImportProgress({ entities })] }), ENDPOINT);

    expect(page).toContain('<progress max="1" value="0" aria-labelledby="bip-e1"');
    expect(page).toContain('<progress max="2" value="2" aria-labelledby="bip-e2"');
  });

  it.each([
    ['created', 'waiting'],
    ['started', 'running'],
    ['finished', 'finished'],
    ['timeout', 'timed out'],
    ['failed', 'failed'],
    ['canceled', 'canceled'],
  ] as const)('says %s in words: %s', (status, words) => {
    const page = renderProgress(
      newProgress({ open: [newImportProgress({ entities: [newEntityProgress({ status })] })] }),
      ENDPOINT,
    );

    expect(page).toContain(`<td><span class="bip-badge bip-${status}">${words}</span></td>`);
  });

  it('tells an import and a group that finished with failures from one that is whole', () => {
    const entities = [
      newEntityProgress({ id: 1, status: 'finished', failures: { known: 2, isExact: true } }),
      newEntityProgress({ id: 2, status: 'finished', failures: { known: 0, isExact: false } }),
      newEntityProgress({ id: 3, status: 'finished' }),
    ];
    const partial = '<span class="bip-badge bip-partial">finished with failures</span>';
    const badgesOf = (page: string) =>
      [...page.matchAll(/<span class="bip-badge.*?<\/span>/g)].map(([text]) => text);

    const page = renderProgress(
      newProgress({ ended: [newImportProgress({ status: 'finished', hasFailures: true, entities })] }),
      ENDPOINT,
    );

    const whole = '<span class="bip-badge bip-finished">finished</span>';
    expect(badgesOf(page)).toEqual([partial, partial, partial, whole]);
  });

  it('says for each relation why records were skipped', () => {
    const text = textOf(renderProgress(newProgress({ open: [newImportProgress()] }), ENDPOINT));

    expect(text).toContain(
      'Members 40 of 40, 2 skipped, 1 failed 1 skipped: The member has no public e-mail address at the source. 1 skipped: Nobody at the destination has the address of the member.',
    );
  });

  it('says what a group waits for, until when and why', () => {
    const entity = newEntityProgress({
      waits: [
        {
          instance: 'destination',
          reason: '429 Retry later',
          until: '2026-01-02T14:03:59.000Z',
          relations: ['labels', 'namespace_settings'],
        },
      ],
    });

    const page = renderProgress(newProgress({ open: [newImportProgress({ entities: [entity] })] }), ENDPOINT);

    expect(textOf(page)).toContain(
      'waits for the destination until 14:03 UTC : 429 Retry later ( Labels , Sharing settings )',
    );
    expect(page).toContain('<time datetime="2026-01-02T14:03:59.000Z">14:03 UTC</time>');
  });

  it('says in which attempt an import is, once there was a retry', () => {
    const textFor = (attempt: number) =>
      textOf(renderProgress(newProgress({ open: [newImportProgress({ attempt })] }), ENDPOINT));

    expect(textFor(2)).toContain('5 min 54 s ago, attempt 2');
    expect(textFor(1)).not.toContain('attempt');
  });

  it('links groups to their pages at both GitLabs, once they are there', () => {
    const entities = [newEntityProgress({ id: 1 }), newEntityProgress({ id: 2, isMade: false })];

    const page = renderProgress(newProgress({ open: [newImportProgress({ entities })] }), ENDPOINT);

    const links = [...page.matchAll(/<a href="([^"]*)"([^>]*)>/g)];
    expect(links.map(([, href]) => href)).toEqual([
      'https://old.example.com/',
      'https://old.example.com/acme/platform',
      'https://new.example.com/imported/platform',
      'https://old.example.com/acme/platform',
    ]);
    expect(new Set(links.map(([, , others]) => others))).toEqual(
      new Set([' target="_blank" rel="noreferrer"']),
    );
  });

  it('says what an import as a whole waits for, until when, and how many of its groups', () => {
    const record = newImportProgress({
      waits: [
        {
          instance: 'destination',
          reason: '429 Retry later',
          until: '2026-01-02T14:03:59.000Z',
          relations: ['ci_pipelines', 'labels'],
          entities: 14,
        },
      ],
    });

    const text = textOf(renderProgress(newProgress({ open: [record] }), ENDPOINT));

    expect(text).toContain(
      'Waits for the destination until 14:03 UTC : 429 Retry later (14 groups and projects: CI/CD pipelines , Labels )',
    );
  });

  it('says how quickly an import goes on, what of that its GitLabs allow, and how much longer it takes', () => {
    const minute = 60_000;
    const pace = {
      recordsPerMinute: 1_234,
      requests: [
        { instance: 'source' as const, perMinute: 60, limit: 2_000 },
        { instance: 'destination' as const, perMinute: 580, limit: 600 },
      ],
      left: 61.2 * minute,
      hasProjects: false,
    };
    const shown = (changes: Partial<ImportProgress>) => {
      const page = renderProgress(newProgress({ open: [newImportProgress({ pace, ...changes })] }), ENDPOINT);
      return textOf(/<p class="bip-pace">.*?<\/p>/.exec(page)?.[0] ?? '').trim();
    };

    expect(shown({})).toBe(
      'About 1 h 2 min left . About 1,234 records a minute lately. About 60 of the 2,000 requests a minute that the source allows. About 580 of the 600 requests a minute that the destination allows.',
    );
    expect(shown({ hasMoreRecords: true })).toContain('At least 1,234 records a minute lately.');
    expect(shown({ pace: { ...pace, left: 0.4 * minute, requests: [] } })).toMatch(
      /^Less than a minute left/,
    );
    expect(shown({ pace: { ...pace, hasProjects: true } })).toMatch(
      /^About 1 h 2 min left for the groups; projects take as long as their exports and imports do\. About 1,234 records of groups a minute lately\./,
    );
    const nothing = { recordsPerMinute: null, requests: [], left: null, hasProjects: true };
    expect(shown({ pace: nothing })).toBe('');
    expect(shown({ pace: null })).toBe('');
  });

  it('groups failures by cause, with how many, where, what to do and whether a retry helps', () => {
    const causes = [
      newCauseProgress(),
      newCauseProgress({
        relation: 'members',
        message: 'It has not answered.',
        count: 1,
        entities: 1,
        retryHelps: true,
        examples: [{ path: 'acme/tools', title: null }],
      }),
    ];
    const failures = { known: 13, isExact: true };

    const page = renderProgress(
      newProgress({
        ended: [
          newImportProgress({ status: 'finished', hasFailures: true, failures, causes, causesTotal: 5 }),
        ],
      }),
      ENDPOINT,
    );

    expect(textOf(page)).toContain(
      '12 × Labels in 3 groups and projects: bug , feature and 10 more, the last 1 min ago The label &#39;…&#39; was refused (422). What to do: Do what the message says. A retry alone does not help.',
    );
    expect(textOf(page)).toContain(
      '1 × Members in acme/tools , 1 min ago It has not answered. What to do: Do what the message says. A retry can help.',
    );
    expect(textOf(page)).toContain('and 3 other causes: the report has them.');
  });

  it('says that a cause may have more failures where not all were read', () => {
    const failures = { known: 12, isExact: false };

    const page = renderProgress(
      newProgress({ open: [newImportProgress({ failures, causes: [newCauseProgress()], causesTotal: 1 })] }),
      ENDPOINT,
    );

    expect(textOf(page)).toContain('12+ × Labels');
  });

  it('says why records of an import were skipped', () => {
    const skips = [
      { relation: 'members', reason: 'no_user', count: 1_200 },
      { relation: 'boards', reason: 'a reason of tomorrow', count: 1 },
    ];

    const text = textOf(renderProgress(newProgress({ open: [newImportProgress({ skips })] }), ENDPOINT));

    expect(text).toContain(
      '1,201 records skipped on purpose 1,200 × Members Nobody at the destination has the address of the member. 1 × Issue boards a reason of tomorrow',
    );
  });

  it.each([
    ['started', true, ['/7/cancel', '/7/report.html', '/7/report.csv']],
    ['finished', false, ['/7/verify', '/7/report.html', '/7/report.csv']],
    ['finished', true, ['/7/retry', '/7/verify', '/7/report.html', '/7/report.csv']],
    ['failed', true, ['/7/retry', '/7/verify', '/7/report.html', '/7/report.csv']],
    ['canceled', true, ['/7/report.html', '/7/report.csv']],
  ] as const)('has commands to copy for an import that is %s, with failures: %s', (status, failed, paths) => {
    const record = newImportProgress({ status, hasFailures: failed });

    const page = renderProgress(newProgress({ open: [record] }), ENDPOINT);

    const commands = [...page.matchAll(/<code>(curl .*?)<\/code>/g)].map(([, command = '']) => command);
    expect(commands.map(command => /bulk_imports(.*)&quot;$/.exec(command)?.[1])).toEqual(paths);
    expect(commands.every(command => command.includes('--header &quot;PRIVATE-TOKEN: $TOKEN&quot;'))).toBe(
      true,
    );
    expect(commands[0]).toContain(`&quot;${ENDPOINT}/api/v4/`);
    expect(page.includes('configuration[access_token]=$SOURCE_TOKEN')).toBe(
      paths.some(path => ['/7/retry', '/7/verify'].includes(path)),
    );
    expect(page).not.toMatch(/<(button|form|input)\b/);
  });

  it('shows plans for themselves, with what they would do and how to get their reports', () => {
    const page = renderProgress(newProgress({ plans: [newPlanProgress()] }), ENDPOINT);

    expect(textOf(page)).toContain('Plan 57 from old.example.com finished');
    expect(textOf(page)).toContain(
      '712 to create, 1 to change, 2 there already, 41 to skip, 6 only known then, 0 blocked . 733 writes, about 1 min 13 s at the limit of the destination; 180 e-mails to new members. Archives of about 3 GiB.',
    );
    expect(page).toContain(`&quot;${ENDPOINT}/api/v4/bulk_imports/plans/57/report.html&quot;`);
    expect(page).toContain('Nothing imported yet');
  });

  it('says of a plan that something stands against it, or that it has not ended', () => {
    const blocked = newPlanProgress({ hasBlockers: true });
    const running = newPlanProgress({ id: 58, status: 'started', totals: null });

    const page = renderProgress(newProgress({ plans: [running, blocked] }), ENDPOINT);

    expect(page).toContain('<span class="bip-badge bip-partial">finished, with blockers</span>');
    expect(page).toContain('<span class="bip-badge bip-started">running</span>');
    expect([...page.matchAll(/ to create,/g)]).toHaveLength(1);
  });

  it.each([
    [0, 'bip-good-text', '(100 %), 0 differ and 0 are missing.'],
    [1, 'bip-bad-text', '(99.85 %), 0 differ and 1 is missing.'],
    [3, 'bip-bad-text', '(99.57 %), 0 differ and 3 are missing.'],
  ])('says what a verification has found, of which %i are missing', (missing, tone, words) => {
    const figures = { matched: 704, different: 0, missing, newAtSource: 0, unverified: 0 };
    const verification = { status: 'finished' as const, at: NOW, figures };

    const page = renderProgress(newProgress({ ended: [newImportProgress({ verification })] }), ENDPOINT);

    expect(page).toContain(`<p class="${tone}">Verified <time`);
    expect(textOf(page)).toContain(words);
  });

  it('says that a verification runs', () => {
    const verification = { status: 'started' as const, at: NOW, figures: null };

    const page = renderProgress(newProgress({ ended: [newImportProgress({ verification })] }), ENDPOINT);

    expect(textOf(page)).toContain('Verification running, since 2026-01-02 03:10:00 UTC .');
  });

  it('names the plan that an import was bound to', () => {
    const page = renderProgress(newProgress({ open: [newImportProgress({ planId: 57 })] }), ENDPOINT);

    expect(textOf(page)).toContain('5 min 54 s ago, bound to plan 57');
  });

  it('says how many groups it does not show', () => {
    const record = newImportProgress({
      statuses: { created: 1_300, started: 3, finished: 0, timeout: 0, failed: 0, canceled: 0 },
    });

    const text = textOf(renderProgress(newProgress({ open: [record], inFlight: 30 }), ENDPOINT));

    expect(text).toContain('and 2 more');
    expect(text).toContain('1,300 groups and projects waiting and 1,300 more');
    expect(text).toContain('Of 30 imports in flight, the newest 1 are shown and counted.');
  });

  it.each([
    [{ known: 0, isExact: true }, '0 failures'],
    [{ known: 1, isExact: true }, '1 failure '],
    [{ known: 1_000, isExact: false }, '1,000+ failures'],
    [{ known: 0, isExact: false }, 'some failures'],
  ])('says of %o: %s', (failures, words) => {
    const page = renderProgress(newProgress({ open: [newImportProgress({ failures })] }), ENDPOINT);

    expect(`${textOf(page)} `).toContain(words);
  });

  it.each(HOSTILE_NAMES)('lets no name become markup: %j', name => {
    const open = [
      newImportProgress({
        sourceUrl: name,
        destinationUrl: name,
        causes: [
          newCauseProgress({ relation: name, message: name, examples: [{ path: name, title: name }] }),
        ],
        skips: [{ relation: name, reason: name, count: 1 }],
        waits: [{ instance: 'source', reason: name, until: NOW, relations: [name], entities: 1 }],
        entities: [
          newEntityProgress({
            source: name,
            destination: name,
            relations: [{ name, ...countsOf({ source: 2, fetched: 1, skipped: 1, skips: { [name]: 1 } }) }],
            waits: [{ instance: 'source', reason: name, until: NOW, relations: [name] }],
          }),
        ],
      }),
    ];
    const page = renderProgress(
      newProgress({ open, plans: [newPlanProgress({ sourceUrl: name, failure: name })] }),
      ENDPOINT,
    );

    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(match => match[1]));
    expect(tags).not.toContain('script');
    expect(tags).not.toContain('img');
    expect(tags).not.toContain('style');
    expect(page).not.toMatch(/<[^>]*\son\w+=/i);
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069\0\u2028]/);
  });

  it('says that there are more records than those of the groups that were read', () => {
    const page = textOf(
      renderProgress(newProgress({ open: [newImportProgress({ hasMoreRecords: true })] }), ENDPOINT),
    );

    expect(page).toContain('Records moved 42+');
    expect(page).toContain('42+ records moved');
  });

  it('calls the tab after what is going on', () => {
    expect(pageTitle(newProgress())).toBe('No import in flight');
    expect(pageTitle(newProgress({ open: [newImportProgress()] }))).toBe('0 % – 1 import in flight');
  });
});

describe('the widget', () => {
  it.each(['light', 'dark'] as const)('brings its style in the theme %s, and no script', theme => {
    const widget = renderWidget(newProgress({ open: [newImportProgress()] }), theme);

    expect(widget).toContain(`<div class="bip bip-${theme}"><style>`);
    expect(widget).toContain('Import 7');
    expect(widget).not.toMatch(/<(script|iframe|use|link)|\sstyle=|javascript:|\son\w+=/i);
  });

  it('says where the address of the service is found', () => {
    const widget = renderWidget(newProgress(), 'light');

    expect(widget).toContain('curl --request POST $ENDPOINT/api/v4/bulk_imports');
    expect(textOf(widget)).toContain('$ENDPOINT is the output Endpoint of the stack.');
  });

  it('stays far below what a Lambda may answer with the most rows that are ever shown', () => {
    const entities = Array.from({ length: 600 }, (_, id) =>
      newEntityProgress({ id, source: 'x'.repeat(255), destination: 'y'.repeat(255) }),
    );

    expect(
      renderWidget(newProgress({ open: [newImportProgress({ entities })] }), 'light').length,
    ).toBeLessThan(1_500_000);
  });
});
