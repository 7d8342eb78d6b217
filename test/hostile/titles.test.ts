import { beforeAll, expect, it } from 'vitest';
import { isLabelWrite, takeLabelsSingly } from '../support/gitlab/label-writes.ts';
import { startService, type TestService } from '../support/service/service.ts';

const TITLES = [
  'bug\r\nX-Header: forged',
  'bug\u2028forged\u2029',
  '\u001b[2J\u001b]0;title\u0007',
  '\u009b2J\u0085',
  'bug\u202egub',
  '"},{"relation":"forged',
  '<script>alert(1)</script>',
  '__proto__',
  '../../admin',
  '%2e%2e%2fadmin',
  '😀'.repeat(60),
];

let service: TestService;
let importId: number;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  service.source.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [{ username: 'sofia', accessLevel: 50 }],
    labels: TITLES.map(name => ({ title: name, color: '#ff0000' })),
  });
  takeLabelsSingly(service.destination, request =>
    isLabelWrite(request)
      ? { kind: 'respond', status: 403, body: JSON.stringify({ message: 'no\r\n\u2028\u001b[2J\u0000' }) }
      : undefined,
  );
  importId = await service.api.start([{}]);
  await service.api.untilEnded(importId);
});

it('each hostile title is a failure of its own, told as it was', async () => {
  const [entity] = await service.api.getEntities(importId);
  const failures = entity?.failures.filter(({ relation }) => relation === 'labels') ?? [];

  expect(failures.map(failure => failure.source_title).sort()).toEqual([...TITLES].sort());
  const { length } = TITLES;
  expect(entity?.stats.labels).toMatchObject({
    source: length,
    fetched: length,
    imported: 0,
    failed: length,
  });
});

it('no title becomes part of a path or a header at the destination', () => {
  const { requests } = service.destination;
  const paths = requests.map(({ path }) => path);

  expect(paths.filter(path => !/^\/api\/(graphql|v4\/[a-z0-9_/]+)$/i.test(path))).toEqual([]);
  expect(requests.filter(({ headers }) => 'x-header' in headers)).toEqual([]);
});
