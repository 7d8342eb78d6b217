import type { Case } from '../case.ts';

const IMPORTS = ['canceled', 'failed', 'timeout', 'finished', 'started', 'created'];
const OLDEST_FIRST = [...IMPORTS].reverse();
const STARTED = OLDEST_FIRST.map(status => `started-${status}`);
const FINISHED = ['fresh', 'group', 'child', 'project'];
const ENTITIES = [...STARTED, ...FINISHED];

const entities = '/bulk_imports/{started}/entities';
const failures = '/bulk_imports/{finished}/entities/{group}/failures';

const list = (path: string, lists: string[], title = 'as asked for'): Case => ({
  it: `${path} lists ${title}`,
  send: `GET ${path}`,
  status: 200,
  lists,
});

const wrong = (query: string, error: string): Case => ({
  it: `?${query}`,
  send: `GET /bulk_imports?${query}`,
  status: 400,
  body: { error },
});

/** The headers of a page of lena's six imports. */
const page = (perPage: number, current: number, next: string, previous: string, pages: number) => ({
  'x-per-page': String(perPage),
  'x-page': String(current),
  'x-next-page': next,
  'x-prev-page': previous,
  'x-total': '6',
  'x-total-pages': String(pages),
});

const link = (rel: string, query: string, path = '/bulk_imports') =>
  `<{url}/api/v4${path}?${query}>; rel="${rel}"`;

/** Filters, order, pages and their headers. */
export const LISTS: Record<string, Case[]> = {
  'a list by order and status:': [
    list('/bulk_imports', IMPORTS, 'the newest first'),
    list('/bulk_imports?sort=desc', IMPORTS),
    list('/bulk_imports?sort=asc', OLDEST_FIRST),
    ...IMPORTS.map(status => list(`/bulk_imports?status=${status}`, [status])),
    list(entities, STARTED, 'the oldest first'),
    list(`${entities}?sort=asc`, STARTED),
    list(`${entities}?sort=desc`, [...STARTED].reverse()),
    ...IMPORTS.map(status => list(`${entities}?status=${status}`, [`started-${status}`])),
    list('/bulk_imports/entities', [...ENTITIES].reverse(), 'the newest first, over all imports'),
    list('/bulk_imports/entities?sort=desc', [...ENTITIES].reverse()),
    list('/bulk_imports/entities?sort=asc', ENTITIES),
    list('/bulk_imports/entities?status=timeout', ['started-timeout']),
    list('/bulk_imports/entities?status=finished&sort=asc', ['started-finished', 'group']),
    list(`${failures}?sort=up&status=new&per_page=1&page=3`, [], 'pages and ignores what it does not know'),
  ],
  'a page': [
    {
      it: 'has 20 records unless it is told otherwise',
      send: 'GET /bulk_imports',
      status: 200,
      lists: IMPORTS,
      headers: {
        ...page(20, 1, '', '', 1),
        link: [link('first', 'page=1&per_page=20'), link('last', 'page=1&per_page=20')].join(', '),
      },
    },
    {
      it: 'in the middle has neighbours, and links that keep the other parameters',
      send: 'GET /bulk_imports?sort=asc&per_page=2&page=2&x=%2F%C3%A4',
      status: 200,
      lists: ['finished', 'timeout'],
      headers: {
        ...page(2, 2, '3', '1', 3),
        link: [
          link('prev', 'sort=asc&per_page=2&page=1&x=%2F%C3%A4'),
          link('next', 'sort=asc&per_page=2&page=3&x=%2F%C3%A4'),
          link('first', 'sort=asc&per_page=2&page=1&x=%2F%C3%A4'),
          link('last', 'sort=asc&per_page=2&page=3&x=%2F%C3%A4'),
        ].join(', '),
      },
    },
    {
      it: 'has at most 100 records',
      send: 'GET /bulk_imports?per_page=1000',
      status: 200,
      headers: {
        ...page(100, 1, '', '', 1),
        link: [link('first', 'per_page=100&page=1'), link('last', 'per_page=100&page=1')].join(', '),
      },
    },
    ...['9', '200000000', '99999999999'].map(
      (number): Case => ({
        it: `behind the end is empty: ${number}`,
        send: `GET /bulk_imports?page=${number}&per_page=4`,
        status: 200,
        body: [],
        headers: { 'x-page': number, 'x-next-page': '', 'x-total': '6', 'x-total-pages': '2' },
      }),
    ),
    {
      it: 'is the only one of an empty list',
      send: 'GET /bulk_imports',
      as: 'nina',
      status: 200,
      body: [],
      headers: { ...page(20, 1, '', '', 1), 'x-total': '0' },
    },
    {
      it: 'takes empty numbers for absent ones',
      send: 'GET /bulk_imports?page=&per_page=',
      status: 200,
      headers: page(20, 1, '', '', 1),
    },
    {
      it: 'never links to a token',
      send: 'GET /bulk_imports?private_token=sample-lena-token&access_token=x&per_page=6',
      as: 'none',
      status: 200,
      headers: { link: [link('first', 'per_page=6&page=1'), link('last', 'per_page=6&page=1')].join(', ') },
    },
    ...[entities, '/bulk_imports/entities', failures].map(
      (path): Case => ({
        it: `of ${path} links to itself`,
        send: `GET ${path}?page=2&per_page=100`,
        status: 200,
        headers: {
          // Behind the end there is no page before.
          'x-prev-page': '',
          link: [link('first', 'page=1&per_page=100', path), link('last', 'page=1&per_page=100', path)].join(
            ', ',
          ),
        },
      }),
    ),
  ],
  'a list is 400 for': [
    wrong('page=0', 'page does not have a valid value'),
    wrong('page=-1', 'page does not have a valid value'),
    wrong('page=x', 'page is invalid'),
    wrong('page=1.5', 'page is invalid'),
    wrong('per_page=0', 'per_page has a value not allowed'),
    wrong('per_page=-5', 'per_page does not have a valid value'),
    wrong('per_page=ten', 'per_page is invalid'),
    wrong('sort=up', 'sort does not have a valid value'),
    wrong('sort=DESC', 'sort does not have a valid value'),
    wrong('status=new', 'status does not have a valid value'),
    wrong(
      'page=0&per_page=0&sort=up&status=new',
      'page does not have a valid value, per_page has a value not allowed, sort does not have a valid value, status does not have a valid value',
    ),
    {
      it: 'wrong parameters also over all imports',
      send: 'GET /bulk_imports/entities?status=new&sort=up',
      status: 400,
      body: { error: 'sort does not have a valid value, status does not have a valid value' },
    },
    {
      it: 'all of its wrong parameters, ids included',
      send: 'GET /bulk_imports/abc/entities?status=new&page=0',
      status: 400,
      body: {
        error: 'import_id is invalid, page does not have a valid value, status does not have a valid value',
      },
    },
    {
      it: 'all of its wrong parameters, ids included, when it is one of failures',
      send: 'GET /bulk_imports/abc/entities/def/failures?per_page=0',
      status: 400,
      body: { error: 'import_id is invalid, entity_id is invalid, per_page has a value not allowed' },
    },
  ],
};
