import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';

const says = (body: string): Fault => ({
  kind: 'respond-after',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body,
});

/** Enough for a message of 50 KB if each were named, and little enough for a suite of thousands of requests. */
const MANY = 5_000;

/** What a GitLab sends that means harm, in responses with a status of success. It does not pass: it is no outage. */
export const HOSTILE = {
  'empty objects': () => says(`[${Array(MANY).fill('{}').join()}]`),
  'a text in place of all': () => says('"x"'),
  'another shape': () => says('{"id":{"id":[]},"data":{"group":7},"errors":"no"}'),
} satisfies Record<string, () => Fault>;
