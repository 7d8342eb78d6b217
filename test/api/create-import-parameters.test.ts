import { expect, it } from 'vitest';
import { startService } from '../support/service/service.ts';
import { scanTable } from '../support/table/stored-records.ts';

it('a new import whose parameters are wrong leaves nothing behind', async () => {
  const { api } = await startService();

  const answers = [
    await api.call('POST', '/bulk_imports', { json: {} }),
    await api.post([{ destination_slug: '-' }]),
  ];

  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  const items = await scanTable();
  expect(items.filter(item => String(item.pk).startsWith('IMPORT#'))).toEqual([]);
});
