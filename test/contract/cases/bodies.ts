import type { Case } from '../case.ts';

const BAD_JSON =
  "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ";
const NOTHING_THERE =
  'configuration is missing, configuration[url] is missing, configuration[access_token] is missing, entities is missing';

const JSON_TYPE = { 'content-type': 'application/json' };

const refused = (it: string, text: string, error: string, as: Case['as'] = 'lena'): Case => ({
  it,
  send: 'POST /bulk_imports',
  as,
  text,
  with: JSON_TYPE,
  status: 400,
  body: { error },
});

/** Bodies that cannot be read. */
export const BODIES: Record<string, Case[]> = {
  'a body is refused': [
    ...['{', '{"entities": }', 'configuration=x'].map(text =>
      refused(`as broken JSON: ${text}`, text, BAD_JSON),
    ),
    refused('as broken JSON before the token is looked at', '{', BAD_JSON, 'none'),
    ...['[]', '"text"', '7', 'null'].map(text =>
      refused(`as one without parameters: ${text}`, text, NOTHING_THERE),
    ),
    ...['text/plain', 'application/xml', 'text/html; charset=utf-8'].map(
      (type): Case => ({
        it: `of the type ${type}`,
        send: 'POST /bulk_imports',
        text: 'hello',
        with: { 'content-type': type },
        status: 415,
        body: { error: `The provided content-type '${type.split(';')[0]}' is not supported.` },
      }),
    ),
    {
      it: 'of another type for a retry',
      send: 'POST /bulk_imports/1/retry',
      text: 'hello',
      with: { 'content-type': 'text/plain' },
      status: 415,
      body: { error: "The provided content-type 'text/plain' is not supported." },
    },
    {
      it: 'of another type also where none is needed',
      send: 'POST /bulk_imports/{carlas-canceled}/cancel',
      as: 'carla',
      text: 'hello',
      with: { 'content-type': 'text/plain' },
      status: 415,
      body: { error: "The provided content-type 'text/plain' is not supported." },
    },
    ...['', '/1/cancel', '/1/retry', '/1/verify', '/plans', '/plans/1/cancel', '/user_mappings']
      .map(path => `POST /bulk_imports${path}`)
      .map(
        (send): Case => ({
          it: `of more than 2 MiB: ${send}`,
          send,
          text: 'x'.repeat(2 * 1024 * 1024 + 1),
          status: 413,
          body: { message: '413 Request Entity Too Large' },
        }),
      ),
  ],
};
