import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/**
 * What a GitLab that means harm sends, as tables: whoever tests with a part of them has the rest for the asking. Bodies
 * are made anew each time, for some have 16 MiB. How its connections end is in `evil-connections.ts`.
 */

export const MIB = 1024 * 1024;

/** A response with a status of success whose body, or whose headers, are the harm. */
export interface EvilResponse {
  /** In the plural or with an article, for titles of tests: `16 MiB of empty objects`. */
  name: string;
  headers?: Record<string, string>;
  /** @param bytes about how many it may have; those that are compressed unfold to so many */
  body: (bytes: number) => Buffer;
}

const filled = (begin: string, part: string, end: string, bytes: number) =>
  Buffer.from(`${begin}${part.repeat(Math.max(1, Math.floor((bytes - begin.length) / part.length)))}${end}`);

const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** Distinct names of members, so that no two objects share a shape. */
function distinctMembers(bytes: number): Buffer {
  const members: string[] = [];
  for (let size = 2; size < bytes; size += members.at(-1)?.length ?? 0) {
    members.push(`"k${members.length.toString(36)}":0,`);
  }
  return Buffer.from(`[{${members.join('').slice(0, -1)}}]`);
}

/** Bodies of JSON, or what passes for it. */
export const EVIL_BODIES: EvilResponse[] = [
  { name: 'empty objects', body: bytes => filled('[{}', ',{}', ']', bytes) },
  { name: 'empty lists', body: bytes => filled('[[]', ',[]', ']', bytes) },
  { name: 'nulls', body: bytes => filled('[null', ',null', ']', bytes) },
  { name: 'numbers', body: bytes => filled('[1', ',1', ']', bytes) },
  { name: 'texts of one letter', body: bytes => filled('["a"', ',"a"', ']', bytes) },
  { name: 'opening brackets', body: bytes => filled('[', '[', '', bytes) },
  { name: 'nested lists', body: bytes => Buffer.from('['.repeat(bytes / 2) + ']'.repeat(bytes / 2)) },
  { name: 'nested objects', body: bytes => filled('[', '{"a":', '', bytes) },
  { name: 'members with names of their own', body: distinctMembers },
  { name: 'one member, again and again', body: bytes => filled('[{"a":0', ',"a":0', '}]', bytes) },
  { name: 'one text', body: bytes => filled('["', 'a', '"]', bytes) },
  { name: 'one text of escapes', body: bytes => filled('["', '\\u0041', '"]', bytes) },
  { name: 'one text of backslashes', body: bytes => filled('["', '\\\\', '"]', bytes) },
  { name: 'one text that does not end', body: bytes => filled('["', 'a', '', bytes) },
  { name: 'one number', body: bytes => filled('[1', '0', ']', bytes) },
  { name: 'white space', body: bytes => filled('[', ' ', ']', bytes) },
  { name: 'bytes that are no text', body: bytes => Buffer.alloc(bytes, 0xff) },
  {
    name: 'records of which each has a large title',
    body: bytes => filled('[{"id":1,"name":"', 'title ', '","color":"#123456"}]', bytes),
  },
  {
    name: 'a GraphQL response of empty nodes',
    body: bytes =>
      filled(
        '{"data":{"group":{"id":"gid://gitlab/Group/1","groupMembers":{"nodes":[{}',
        ',{}',
        '],"pageInfo":{"hasNextPage":false}}}}}',
        bytes,
      ),
  },
  { name: 'a deep GraphQL response', body: bytes => filled('{"data":', '{"group":', '', bytes) },
  {
    name: 'errors of GraphQL without number',
    body: bytes => filled('{"errors":[{"message":"no"}', ',{"message":"no"}', ']}', bytes),
  },
  {
    name: 'one error of GraphQL',
    body: bytes => filled('{"errors":[{"message":"', 'a', '"}]}', bytes),
  },
  {
    name: 'a gzip bomb of empty objects',
    headers: { 'content-encoding': 'gzip' },
    body: bytes => gzipSync(filled('[{}', ',{}', ']', bytes)),
  },
  {
    name: 'a gzip bomb that unfolds to more than is read',
    headers: { 'content-encoding': 'gzip' },
    body: bytes => gzipSync(Buffer.alloc(bytes * 8, 0x20)),
  },
  {
    name: 'a gzip bomb inside a gzip bomb',
    headers: { 'content-encoding': 'gzip, gzip' },
    body: bytes => gzipSync(gzipSync(Buffer.alloc(bytes * 8, 0x20))),
  },
  {
    name: 'a brotli bomb',
    headers: { 'content-encoding': 'br' },
    body: bytes => brotliCompressSync(Buffer.alloc(bytes * 8, 0x20), QUICKLY),
  },
  {
    name: 'a body that was compressed twenty times, by its header',
    headers: { 'content-encoding': Array(20).fill('gzip').join(', ') },
    body: () => gzipSync('[]'),
  },
];

const emptyList = () => Buffer.from('[]');

/** Headers that are too much, or say what cannot be. With a list that would be a good one. */
export const EVIL_HEADERS: EvilResponse[] = [
  { name: 'a header of 250 KB', headers: { link: 'a'.repeat(250_000) }, body: emptyList },
  {
    name: 'a link of 12 KB that never closes',
    headers: { link: '<a>;'.repeat(3_000) },
    body: emptyList,
  },
  {
    name: 'hundreds of links',
    headers: { link: Array(300).fill('<https://gitlab.example/?page=2>; rel="last"').join(', ') },
    body: emptyList,
  },
  ...['1e308', '-1', 'NaN', 'Infinity', '0x10', '9'.repeat(400), '1.5', '9007199254740993'].flatMap(
    number => [
      { name: `x-total: ${number.slice(0, 20)}`, headers: { 'x-total': number }, body: emptyList },
      { name: `x-next-page: ${number.slice(0, 20)}`, headers: { 'x-next-page': number }, body: emptyList },
      { name: `retry-after: ${number.slice(0, 20)}`, headers: { 'retry-after': number }, body: emptyList },
      {
        name: `ratelimit-*: ${number.slice(0, 20)}`,
        headers: {
          'ratelimit-limit': number,
          'ratelimit-remaining': number,
          'ratelimit-reset': number,
          'ratelimit-observed': number,
        },
        body: emptyList,
      },
    ],
  ),
  { name: 'a date of no day', headers: { date: 'Thu, 99 Foo 275761 99:99:99 GMT' }, body: emptyList },
];

/** Where a page of a list says that the next one is; `asked` is the number that was asked for. */
export interface EvilPaging {
  name: string;
  /** Records by number on the page that is asked for with this many per page, and what names the next one. */
  page: (asked: number, perPage: number) => { ids: number[]; next: string };
}

const range = (start: number, count: number) => Array.from({ length: count }, (_, index) => start + index);

/** Lists that do not end. */
export const EVIL_PAGINGS: EvilPaging[] = [
  { name: 'names the same page', page: (asked, size) => ({ ids: range(1, size), next: String(asked) }) },
  {
    name: 'goes back',
    page: (asked, size) => ({ ids: range(asked * size, size), next: asked > 2 ? '1' : String(asked + 1) }),
  },
  {
    name: 'has the same records on each page',
    page: (asked, size) => ({ ids: range(1, size), next: String(asked + 1) }),
  },
  {
    name: 'has two pages in turn',
    page: (asked, size) => ({ ids: range((asked % 2) * size, size), next: String(asked + 1) }),
  },
  { name: 'has empty pages only', page: asked => ({ ids: [], next: String(asked + 1) }) },
  { name: 'jumps far ahead', page: asked => ({ ids: [], next: String(asked * 1_000_000) }) },
  { name: 'names a page that is no number', page: (_, size) => ({ ids: range(1, size), next: '1e308' }) },
  {
    name: 'has more records than were asked for',
    page: (asked, size) => ({ ids: range(1, size * 50), next: String(asked + 1) }),
  },
  {
    name: 'has ever new records',
    page: (asked, size) => ({ ids: range(asked * size, size), next: String(asked + 1) }),
  },
  { name: 'has one new record a page', page: asked => ({ ids: [asked], next: String(asked + 1) }) },
];
