import { json } from '../answer.ts';
import { INSTANCE } from '../declarations/instance.ts';
import { type Route, route } from '../route.ts';

const REVISION = '0a1b2c3d4e5';

export const INSTANCE_ROUTES: readonly Route[] = [
  route(INSTANCE.version, ({ instance }) =>
    json(200, { version: instance.settings.version, revision: REVISION }),
  ),
  route(INSTANCE.metadata, ({ instance }) =>
    json(200, {
      version: instance.settings.version,
      revision: REVISION,
      kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
      ...(instance.versionAtLeast('15.6') && { enterprise: instance.enterprise }),
    }),
  ),
];
