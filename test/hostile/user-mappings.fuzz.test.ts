import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { callApi } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { scanTable } from '../support/table/stored-records.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ importsPerMinute: 1_000_000 });
});

const HEADER = 'Source host,Import type,Source user identifier,GitLab username,GitLab public email';
const cell = fc.oneof(
  fc.constantFrom(
    '',
    'gitlab_migration',
    'https://old.example.com',
    '7',
    '__proto__',
    'ada',
    'a@b.example',
    "'=1",
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('"', '\n', ';', '\t', '\u0000', '\uFEFF', '\ud800', '9'.repeat(400)),
);
const file = fc
  .tuple(
    fc.constantFrom(HEADER, HEADER.replaceAll(',', ';'), ''),
    fc.array(fc.array(cell, { maxLength: 7 }), { maxLength: 4 }),
  )
  .map(([header, rows]) => [header, ...rows.map(cells => cells.join(','))].join('\n'));
const body = fc.oneof(
  file.map(text => ({ file: text as unknown })),
  fc.record(
    {
      file: fc.jsonValue(),
      source_hostname: fc.oneof(fc.constant('old.example.com'), fc.jsonValue()),
      users: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              source_user_id: fc.oneof(fc.nat(9), fc.jsonValue()),
              username: fc.oneof(fc.constantFrom('ada', 'ben', '@'), fc.jsonValue()),
              email: fc.oneof(fc.constantFrom('a@b.example', ''), fc.jsonValue()),
              skip: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
          { maxLength: 4 },
        ),
      ),
    },
    { requiredKeys: [] },
  ),
);

it('whatever is sent as a user mapping is one, or is refused with a reason and leaves nothing behind', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, fc.boolean(), async (wanted, asFile) => {
      const before = (await scanTable()).filter(({ pk }) => String(pk).startsWith('USERMAP#')).length;
      const form = new FormData();
      form.append(
        'file',
        new Blob([typeof wanted.file === 'string' ? wanted.file : JSON.stringify(wanted)]),
        'users.csv',
      );
      const { status, body: answer } = await callApi(
        service.local.url,
        'POST',
        '/bulk_imports/user_mappings',
        {
          token: 'sample-otto-token',
          ...(asFile ? { body: form } : { json: wanted }),
        },
      );

      seen.add(status);
      expect([201, 400, 422]).toContain(status);
      if (status === 201) return;
      const { error, message } = answer as { error?: string; message?: string };
      expect(error ?? message).toMatch(/\S/);
      const after = (await scanTable()).filter(({ pk }) => String(pk).startsWith('USERMAP#')).length;
      expect(after).toBe(before);
    }),
    { numRuns: 300 },
  );
  expect(seen).toContain(400);
  expect(seen).toContain(422);
});
