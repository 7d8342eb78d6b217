import { describe, expect, it } from 'vitest';
import { csvReport } from '../../lambdas/report/csv.ts';
import { countsOf } from '../support/table/counts.ts';
import { entityWith, reportOf } from './drawn-reports.ts';
import { csvRows } from './read-formats.ts';

const labels = { labels: countsOf({ source: 3, fetched: 3, imported: 2, failed: 1 }) };

describe('the report as CSV', () => {
  it('has a line for each relation of each group, and one for a group that has none', async () => {
    const boards = countsOf({ source: 1, fetched: 1, skipped: 1, skips: { no_user: 1 } });
    const report = await reportOf({
      entities: [
        entityWith({ id: 1, counts: { ...labels, boards } }),
        entityWith({ id: 2, status: 'failed', sourceFullPath: 'acme/x', destinationFullPath: null }),
        entityWith({ id: 3, sourceType: 'project_entity', sourceFullPath: 'acme/app', counts: labels }),
      ],
    });

    expect(csvReport(report).split('\r\n')).toEqual([
      'entity_id,entity_type,status,source_full_path,destination_full_path,relation,source,imported,skipped,failed,matched,different,missing,new_at_source,unverified',
      '1,group,finished,acme/platform,imported/platform,labels,3,2,0,1,,,,,',
      '1,group,finished,acme/platform,imported/platform,boards,1,0,1,0,,,,,',
      '2,group,failed,acme/x,,,0,0,0,0,,,,,',
      '3,project,finished,acme/app,imported/platform,labels,3,2,0,1,,,,,',
      '',
    ]);
  });

  it.each([
    ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@sum', `"'@sum"`],
    [';x', `"';x"`],
    ['\t=1', `"' =1"`],
    ['\r=1', `"' =1"`],
    ['＝1', `"'＝1"`],
    ['a;b', '"a;b"'],
    ['a\nb', 'a b'],
    ['it’s', 'it’s'],
  ])('writes the name %j as %s', async (sourceFullPath, cell) => {
    const text = csvReport(await reportOf({ entities: [entityWith({ id: 1, sourceFullPath })] }));

    expect(text.split('\r\n')[1]).toBe(`1,group,finished,${cell},imported/platform,,0,0,0,0,,,,,`);
  });

  it('sums up what is too much for one answer, so that the columns add up to the same', async () => {
    const entities = Array.from({ length: 100 }, (_, id) => entityWith({ id: id + 1, counts: labels }));
    const report = await reportOf({ entities });

    const [, ...rows] = csvRows(csvReport(report, 3_000));

    const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
    expect([6, 7, 8, 9].map(sum)).toEqual([300, 200, 0, 100]);
    expect(rows.length).toBeLessThan(60);
    const last = rows.at(-1) ?? [];
    expect(last.slice(0, 6)).toEqual([
      '',
      '',
      '',
      `(${101 - rows.length} more groups and projects)`,
      '',
      'labels',
    ]);
  });
});
