import { describe, expect, it } from 'vitest';
import { handler } from '../../lambdas/progress/widget.ts';
import { storeImport } from '../support/table/large-import.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

describe('the custom widget', () => {
  it('describes itself in Markdown', async () => {
    expect(await handler({ describe: true })).toMatch(/^## Imports in flight\n/);
  });

  it('shows the imports in the theme of the dashboard', async () => {
    const { record } = await storeImport(['acme/platform', 'acme/tools']);

    const widget = await handler({ widgetContext: { theme: 'dark', dashboardName: 'imports', width: 588 } });

    expect(widget).toContain('class="bip bip-dark"');
    expect(widget).toContain(`Import ${record.id} `);
    expect(widget).toContain('acme/tools');
  });

  it.each([
    undefined,
    null,
    {},
    { describe: false },
    { widgetContext: null },
    { widgetContext: { theme: 5 } },
  ])('shows them for the event %j too', async event => {
    expect(await handler(event)).toContain('class="bip bip-light"');
  });
});
