import { json } from '../answer.ts';
import { declared, integer, required, text } from '../params.ts';
import type { Route } from '../route.ts';

const REVISION = '0a1b2c3d4e5';

/** Version, metadata and whether a namespace's path is taken. */
export const INSTANCE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/api/v4/version',
    scope: 'read_user',
    handler: ({ instance }) => json(200, { version: instance.settings.version, revision: REVISION }),
  },
  {
    method: 'GET',
    pattern: '/api/v4/metadata',
    scope: 'read_user',
    since: '15.2',
    handler: ({ instance }) =>
      json(200, {
        version: instance.settings.version,
        revision: REVISION,
        kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
        ...(instance.versionAtLeast('15.6') && { enterprise: instance.enterprise }),
      }),
  },
  {
    method: 'GET',
    pattern: '/api/v4/namespaces/:id/exists',
    handler: ({ instance, params }) => {
      const { id: path, parent_id: parentId } = declared({ id: required(text), parent_id: integer }, params);
      const parent = parentId === undefined ? undefined : instance.groups.get(parentId);
      const parentUnknown = parentId !== undefined && !parent;
      const taken = (candidate: string) =>
        !parentUnknown && instance.namespaceTaken(instance.fullPathOf(parent, candidate));
      const exists = taken(path);
      return json(200, { exists, suggests: exists ? [firstFreePath(path, taken)] : [] });
    },
  },
];

function firstFreePath(path: string, taken: (candidate: string) => boolean): string {
  let counter = 1;
  while (taken(`${path}${counter}`)) counter += 1;
  return `${path}${counter}`;
}
