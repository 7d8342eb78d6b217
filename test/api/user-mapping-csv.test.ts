import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userMappingCsv } from '../../lambdas/api/answers/user-mapping-csv.ts';
import { parseUserMappingCsv } from '../../lambdas/api/request/user-mapping-csv.ts';
import { recordsOf } from '../../lambdas/domain/csv.ts';
import type { MappedUser, MappingTarget } from '../../lambdas/domain/user-mapping.ts';

const HOST = 'https://old.example.com';

const name = fc.oneof(
  fc.constantFrom(
    'Ada Lovelace',
    '=HYPERLINK("x")',
    "'=1",
    "O'Neil; Ann",
    '+49',
    ' Zoë ',
    '"quoted"',
    '-',
    '',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replaceAll(/[\p{Cc}\uFFFD]/gu, '')),
);
const target = (index: number): fc.Arbitrary<MappingTarget> =>
  fc.constantFrom<MappingTarget>(
    'nobody',
    'open',
    { username: `user-${index}` },
    { email: `+${index}@new.example` },
    { username: `user.${index}`, email: `user-${index}@new.example` },
  );
const users: fc.Arbitrary<MappedUser[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 10 ** 15 - 1 }), { minLength: 1, maxLength: 6 })
  .chain(ids =>
    fc.tuple(
      ...ids.map((sourceUserId, index) =>
        fc.record({ sourceUserId: fc.constant(sourceUserId), name, username: name, target: target(index) }),
      ),
    ),
  );

/** How a spreadsheet saves what it has opened. */
interface Spreadsheet {
  delimiter: ',' | ';' | '\t';
  end: '\n' | '\r\n' | '\r';
  mark: boolean;
  quotesAll: boolean;
  dropsEmptyCells: boolean;
  emptyRows: boolean;
  reversesColumns: boolean;
}
const spreadsheet: fc.Arbitrary<Spreadsheet> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  mark: fc.boolean(),
  quotesAll: fc.boolean(),
  dropsEmptyCells: fc.boolean(),
  emptyRows: fc.boolean(),
  reversesColumns: fc.boolean(),
});

function savedBy(sheet: Spreadsheet, csv: string): string {
  const { delimiter, end, mark, quotesAll, dropsEmptyCells, emptyRows, reversesColumns } = sheet;
  const quoted = (cell: string) =>
    quotesAll || /["\r\n\t,;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = [...recordsOf(csv, ',')].map(({ cells }) => {
    const kept = [...(reversesColumns ? cells.toReversed() : cells)];
    if (dropsEmptyCells) while (kept.at(-1) === '') kept.pop();
    return kept.map(quoted).join(delimiter);
  });
  const empty = emptyRows ? [delimiter.repeat(6), ''] : [];
  return (mark ? '\uFEFF' : '') + [...lines, ...empty].join(end) + end;
}

it('what goes out, through a spreadsheet, and in again is the same', () => {
  fc.assert(
    fc.property(users, spreadsheet, (given, sheet) => {
      const read = parseUserMappingCsv(savedBy(sheet, userMappingCsv(HOST, given)));

      expect(read).toEqual({ sourceHost: HOST, users: given });
    }),
    { numRuns: 300 },
  );
});

it('is GitLab’s own file, to which a column is added only for those who are left out', () => {
  const ada: MappedUser = {
    sourceUserId: 7,
    name: '=Ada',
    username: 'ada',
    target: { username: 'ada-there' },
  };
  const header =
    'Source host,Import type,Source user identifier,Source user name,Source username,GitLab username,GitLab public email';

  expect(userMappingCsv(HOST, [ada])).toBe(
    `${header}\r\n${HOST},gitlab_migration,7,'=Ada,ada,ada-there,\r\n`,
  );
  expect(userMappingCsv(HOST, [{ ...ada, target: 'nobody' }])).toBe(
    `${header},Keep as placeholder\r\n${HOST},gitlab_migration,7,'=Ada,ada,,,yes\r\n`,
  );
});

describe('a file is refused as a whole', () => {
  const HEADER = 'Source host,Import type,Source user identifier,GitLab username,GitLab public email';
  const row = (...cells: string[]) => ['https://old.example.com', 'gitlab_migration', ...cells].join(',');
  const file = (...rows: string[]) => [HEADER, ...rows].join('\n');
  const misformatted = (where: string) => `The provided CSV was not correctly formatted. ${where}`;

  it.each([
    [
      'without the columns that name people',
      'name,email\nada,ada@x.example',
      misformatted(
        'Its first line must name the columns Source host, Import type, Source user identifier, GitLab username, GitLab public email.',
      ),
    ],
    [
      'without anything',
      '',
      misformatted(
        'Its first line must name the columns Source host, Import type, Source user identifier, GitLab username, GitLab public email.',
      ),
    ],
    ['without users', file(), misformatted('It has no users.')],
    [
      'in another encoding',
      `${file(row('7', 'ada', ''))}\uFFFD`,
      misformatted('It is not UTF-8. Save it as "CSV UTF-8", and send it again.'),
    ],
    [
      'with a number that a spreadsheet has rounded',
      file(row('1.2E+11', 'ada', '')),
      misformatted("Line 2: 'Source user identifier' must be the id of a user, in digits."),
    ],
    [
      'of another kind of import',
      file('https://x.example,github,7,ada,'),
      misformatted("Line 2: 'Import type' must be gitlab_migration."),
    ],
    [
      'with a user name that is none',
      file(row('7', '@ada', '')),
      misformatted("Line 2: 'GitLab username' is no user name. Write it without @ and spaces."),
    ],
    [
      'with an address that is none',
      file(row('7', '', 'ada')),
      misformatted("Line 2: 'GitLab public email' is no e-mail address."),
    ],
    [
      'with the same source user twice',
      file(row('7', 'ada', ''), row('7', '', '')),
      misformatted('Line 3: the same source user is in line 2.'),
    ],
    [
      'with a quotation that does not end',
      file(row('7', '"ada', '')),
      misformatted('Line 2: a quotation is not ended, or goes on after its end.'),
    ],
    [
      'with two users who would become one by name',
      file(row('7', 'ada', ''), row('8', 'Ada', '')),
      'The provided spreadsheet contains duplicate email addresses or usernames.',
    ],
    [
      'with two users who would become one by address',
      file(row('7', '', 'a@x.example'), row('8', '', 'A@x.example')),
      'The provided spreadsheet contains duplicate email addresses or usernames.',
    ],
    [
      'of two sources',
      file(row('7', 'ada', ''), 'https://other.example.com,gitlab_migration,8,,'),
      'The provided CSV has users of several source hosts (line 3). Send a file for each of them.',
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseUserMappingCsv(text)).toThrow(
      expect.objectContaining({ status: 422, body: { message } }),
    );
  });

  it('whose column for placeholders contradicts itself', () => {
    const text = `${HEADER},Keep as placeholder\n${row('7', 'ada', '', 'yes')}`;

    expect(() => parseUserMappingCsv(text)).toThrow(
      expect.objectContaining({
        body: {
          message: misformatted(
            "Line 2: a user of this GitLab and 'Keep as placeholder' exclude each other.",
          ),
        },
      }),
    );
  });

  it('with more columns or rows than GitLab takes', () => {
    const wide = [HEADER, ...Array.from({ length: 16 }, (_, index) => `c${index}`)].join(',');
    const long = Array.from({ length: 50_001 }, (_, index) => row(String(index + 1), '', ''));

    expect(() => parseUserMappingCsv(`${wide}\n${row('7', '', '')}`)).toThrow(
      expect.objectContaining({
        body: { message: 'The provided CSV file exceeds the maximum number of columns (20).' },
      }),
    );
    expect(() => parseUserMappingCsv(file(...long))).toThrow(
      expect.objectContaining({
        body: { message: 'The provided CSV file exceeds the maximum number of rows (50000).' },
      }),
    );
  });
});
