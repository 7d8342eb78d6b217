import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { ACME, startService, startSource, type TestService } from '../support/service/service.ts';

const DISABLED =
  'Migration by direct transfer is disabled on the source or destination instance. Ask an administrator to enable this feature on both instances and try again.';

let service: TestService;
let disabled: SampleGitLab;
beforeAll(async () => {
  service = await startService({ requireDirectTransfer: true });
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
  disabled = await startSource({ directTransferEnabled: false });
  for (const gitlab of [disabled, service.source]) {
    gitlab.addGroup({ ...ACME, name: 'Second', path: 'second', members: [...ACME.members] });
  }
  disabled.addGroup({ ...ACME, members: [...ACME.members] });
});
beforeEach(() => {
  disabled.requests.length = 0;
  service.source.requests.length = 0;
});

const TWO = [{ destination_slug: 'one' }, { source_full_path: 'second', destination_slug: 'two' }];
const askedForSwitch = ({ requests }: SampleGitLab) =>
  requests.map(({ path }) => path).filter(path => path.endsWith('/export_relations/status'));

describe("GitLab's own check of the source, for an operator who wants it,", () => {
  it('refuses a source that has direct transfer switched off', async () => {
    expect(await service.api.refusal({ configuration: { url: disabled.url } })).toBe(DISABLED);
  });

  it('comes after the look-up and before the destination', async () => {
    const configuration = { url: disabled.url };

    expect(await service.api.refusal({ configuration, entities: [{ source_full_path: 'nobody' }] })).toBe(
      "Import failed. 'nobody' not found.",
    );
    expect(
      await service.api.refusal({ configuration, entities: [{ destination_namespace: 'nowhere' }] }),
    ).toBe(DISABLED);
  });

  it('refuses a user who may not export', async () => {
    const configuration = { access_token: TOKENS.sourceReporter };

    expect(await service.api.refusal({ configuration })).toBe(
      "Import failed. You do not have permission to export 'acme'.",
    );
  });

  it('asks for the first entity only', async () => {
    expect((await service.api.post(TWO)).status).toBe(201);
    expect(askedForSwitch(service.source)).toEqual([
      `/api/v4/groups/${service.source.group('acme')?.id}/export_relations/status`,
    ]);
  });
});

it('nobody else is asked for it', async () => {
  vi.stubEnv('REQUIRE_DIRECT_TRANSFER', 'false');
  const json = service.api.request(
    TWO.map(entity => ({ ...entity, destination_slug: `${entity.destination_slug}-2` })),
    { url: disabled.url },
  );

  const { status } = await service.api.call('POST', '/bulk_imports', { json });

  expect(status).toBe(201);
  expect(askedForSwitch(disabled)).toEqual([]);
  vi.unstubAllEnvs();
});
