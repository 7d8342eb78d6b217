import { type Endpoint, GROUP_ID } from './declaration.ts';

const FORMAT = { type: 'string', values: ['markdown', 'rdoc', 'asciidoc', 'org'] } as const;

/** Wikis of groups: only the Enterprise Edition has them, and only with a licence. */
export const WIKIS = {
  list: {
    method: 'GET',
    path: '/groups/:id/wikis',
    edition: 'ee',
    params: { ...GROUP_ID, with_content: { type: 'boolean' } },
  },
  create: {
    method: 'POST',
    path: '/groups/:id/wikis',
    edition: 'ee',
    params: {
      ...GROUP_ID,
      title: { type: 'string', required: true },
      content: { type: 'string', required: true },
      format: FORMAT,
      front_matter: { type: 'object' },
    },
  },
  change: {
    method: 'PUT',
    path: '/groups/:id/wikis/:slug',
    edition: 'ee',
    params: {
      ...GROUP_ID,
      slug: { type: 'string', required: true },
      title: { type: 'string' },
      content: { type: 'string' },
      format: FORMAT,
      front_matter: { type: 'object' },
    },
    rules: [{ kind: 'at_least_one_of', params: ['content', 'title', 'format', 'front_matter'] }],
  },
} as const satisfies Record<string, Endpoint>;
