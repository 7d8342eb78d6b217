import { CsvError, type CsvRecord, DELIMITERS, fromText, recordsOf } from '../../domain/csv.ts';
import {
  COLUMNS,
  hostOf,
  IMPORT_TYPE,
  type MappedUser,
  type MappingTarget,
  PLACEHOLDER_COLUMN,
} from '../../domain/user-mapping.ts';
import { unprocessable } from '../answers/http-errors.ts';
import { checkTargets, isEmail, isUsername, type UserMappingParameters } from './user-mapping-rules.ts';

/** GitLab's limits for such a file; its 10 MB are above that of any body. */
const MOST_ROWS = 50_000;
const MOST_COLUMNS = 20;

/** GitLab's words for a file that it does not understand, and where. */
const misformatted = (where: string) =>
  unprocessable(`The provided CSV was not correctly formatted. ${where}`);

/** Without these columns nobody is named, as in GitLab. */
const REQUIRED = [
  COLUMNS.host,
  COLUMNS.type,
  COLUMNS.sourceUserId,
  COLUMNS.targetUsername,
  COLUMNS.targetEmail,
];

/**
 * Reads users from GitLab's own CSV, also as a spreadsheet has saved it: with a byte order mark, semicolons or tabs, any
 * ends of lines, and without empty cells at the end.
 *
 * @throws the 422 that says in which line what is wrong; nothing of the file is quoted
 */
export function parseUserMappingCsv(text: string): UserMappingParameters {
  if (text.includes('\uFFFD')) {
    throw misformatted('It is not UTF-8. Save it as "CSV UTF-8", and send it again.');
  }
  try {
    return usersOf(text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw misformatted(`Line ${error.line}: a quotation is not ended, or goes on after its end.`);
  }
}

function usersOf(text: string): UserMappingParameters {
  const records = readRecords(text);
  const users: MappedUser[] = [];
  const lines = new Map<number, number>();
  let sourceHost = '';
  for (const { line, cellOf } of records) {
    if (users.length === MOST_ROWS) {
      throw unprocessable(`The provided CSV file exceeds the maximum number of rows (${MOST_ROWS}).`);
    }
    const user = userOf(line, cellOf);
    const before = lines.get(user.sourceUserId);
    if (before !== undefined) throw misformatted(`Line ${line}: the same source user is in line ${before}.`);
    lines.set(user.sourceUserId, line);
    const host = cellOf(COLUMNS.host).trim();
    if (users.length > 0 && hostOf(host) !== hostOf(sourceHost)) {
      throw unprocessable(
        `The provided CSV has users of several source hosts (line ${line}). Send a file for each of them.`,
      );
    }
    if (users.length === 0) sourceHost = host;
    users.push(user);
  }
  if (users.length === 0) throw misformatted('It has no users.');
  checkTargets(users);
  return { sourceHost, users };
}

/** A record as it is asked for a column: empty where the record, or the file, does not have it. */
interface Row {
  line: number;
  cellOf(column: string): string;
}

function* readRecords(text: string): Generator<Row> {
  for (const delimiter of DELIMITERS) {
    const records = recordsOf(text, delimiter);
    const header = headerOf(records);
    if (header === undefined) continue;
    if (header.size > MOST_COLUMNS) {
      throw unprocessable(`The provided CSV file exceeds the maximum number of columns (${MOST_COLUMNS}).`);
    }
    for (const { line, cells } of records) {
      yield { line, cellOf: column => fromText(cells[header.get(nameOf(column)) ?? -1] ?? '') };
    }
    return;
  }
  throw misformatted(`Its first line must name the columns ${REQUIRED.join(', ')}.`);
}

const nameOf = (column: string) => column.trim().toLowerCase();

/** The places of the columns, if all are there that must be. */
function headerOf(records: Iterator<CsvRecord>): Map<string, number> | undefined {
  try {
    const { value } = records.next() as { value: CsvRecord | undefined };
    const header = new Map((value?.cells ?? []).map((cell, index) => [nameOf(cell), index] as const));
    return REQUIRED.every(column => header.has(nameOf(column))) ? header : undefined;
  } catch (error) {
    // Cells in quotes, with another separator after them.
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

function userOf(line: number, cellOf: Row['cellOf']): MappedUser {
  const id = cellOf(COLUMNS.sourceUserId).trim();
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw misformatted(`Line ${line}: '${COLUMNS.sourceUserId}' must be the id of a user, in digits.`);
  }
  if (cellOf(COLUMNS.type).trim() !== IMPORT_TYPE) {
    throw misformatted(`Line ${line}: '${COLUMNS.type}' must be ${IMPORT_TYPE}.`);
  }
  if (cellOf(COLUMNS.host).trim() === '') throw misformatted(`Line ${line}: '${COLUMNS.host}' is empty.`);
  return {
    sourceUserId: Number(id),
    name: inOneLine(cellOf(COLUMNS.name)),
    username: inOneLine(cellOf(COLUMNS.username)),
    target: targetOf(line, cellOf),
  };
}

/** Spreadsheets change the ends of lines within a cell, and other control characters are nobody's name. */
const inOneLine = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ');

function targetOf(line: number, cellOf: Row['cellOf']): MappingTarget {
  const username = cellOf(COLUMNS.targetUsername).trim();
  const email = cellOf(COLUMNS.targetEmail).trim();
  const kept = cellOf(PLACEHOLDER_COLUMN).trim().toLowerCase();
  if (username !== '' && !isUsername(username)) {
    throw misformatted(
      `Line ${line}: '${COLUMNS.targetUsername}' is no user name. Write it without @ and spaces.`,
    );
  }
  if (email !== '' && !isEmail(email)) {
    throw misformatted(`Line ${line}: '${COLUMNS.targetEmail}' is no e-mail address.`);
  }
  if (!['', 'no', 'yes', 'false', 'true'].includes(kept)) {
    throw misformatted(`Line ${line}: '${PLACEHOLDER_COLUMN}' must be yes or empty.`);
  }
  const isKept = kept === 'yes' || kept === 'true';
  if (username === '' && email === '') return isKept ? 'nobody' : 'open';
  if (isKept)
    throw misformatted(`Line ${line}: a user of this GitLab and '${PLACEHOLDER_COLUMN}' exclude each other.`);
  return { ...(username !== '' && { username }), ...(email !== '' && { email }) };
}
