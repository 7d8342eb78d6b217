import { describe, expect, it } from 'vitest';
import { badges as badgesRelation } from '../../lambdas/pipelines/badges.ts';
import { milestones as milestonesRelation } from '../../lambdas/pipelines/milestones.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels } from '../support/gitlab/single-labels.ts';
import { ACME, handlerOf, type Migration, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const badges = handlerOf(badgesRelation);
const labels = handlerOf(singleLabels);
const milestones = handlerOf(milestonesRelation);

useTableInMemory();

const LONG = 'x'.repeat(600);
const TOO_LONG = 'is too long (maximum is 500 characters)';

const refusal = (body: unknown): Fault => ({ kind: 'respond', status: 400, body: JSON.stringify(body) });
const shown = (record: object): Fault => ({
  kind: 'respond-after',
  status: 201,
  body: JSON.stringify(record),
});
const withAttribute = (name: string, value?: unknown) => (request: SampleRequest) => {
  const given = (request.body as Record<string, unknown>)[name];
  return value === undefined ? given !== undefined : given === value;
};

/** The only failure, when nothing was counted as imported. */
async function onlyFailure(migration: Migration) {
  const [failure, ...others] = await migration.failures();
  expect(others).toEqual([]);
  expect((await migration.tracker()).counts).toMatchObject({ imported: 0, failed: 1 });
  expect(failure?.exceptionMessage.length).toBeLessThanOrEqual(255);
  return `${failure?.exceptionClass}: ${failure?.exceptionMessage}`;
}

const INCOMPLETE = 'BulkImports::IncompleteRecordError: The';
const BY_HAND = 'Correct it there by hand.';

describe('an attribute that the destination refuses', () => {
  it('that is too long is cut to what the destination takes', async () => {
    const bench = await startBench();
    const group = bench.addPair({ labels: [{ title: 'bug', description: `${'💥'.repeat(500)}${LONG}` }] });
    bench.destination.onRequest = request => {
      const { description } = (request.body ?? {}) as { description?: string };
      const isLong = request.method === 'POST' && [...(description ?? '')].length > 500;
      return isLong ? refusal({ message: { description: [TOO_LONG] } }) : undefined;
    };
    const migration = await bench.migration('labels', ACME);

    await migration.run(labels);

    expect(group.labels).toEqual([expect.objectContaining({ description: '💥'.repeat(500) })]);
    expect(await onlyFailure(migration)).toContain(
      `description '${'💥'.repeat(20)}…' (1100 characters) was cut (${TOO_LONG}). ${BY_HAND}`,
    );
  });

  it('costs a label its description when a shorter one is refused, too', async () => {
    const bench = await startBench();
    const group = bench.addPair({ labels: [{ title: 'bug', color: '#d9534f', description: LONG }] });
    setFault(
      bench.destination,
      { method: 'POST', path: '/labels', where: withAttribute('description') },
      refusal({ message: { description: [TOO_LONG] } }),
    );
    const migration = await bench.migration('labels', ACME);

    await migration.run(labels);

    expect(group.labels).toEqual([
      expect.objectContaining({ title: 'bug', color: '#d9534f', description: null }),
    ]);
    expect(await onlyFailure(migration)).toBe(
      `${INCOMPLETE} label is at the destination, but not as asked: description '${'x'.repeat(40)}…' (600 characters) was refused (${TOO_LONG}). ${BY_HAND}`,
    );
  });

  it('costs a label its colour, and the description as well', async () => {
    const bench = await startBench();
    const group = bench.addPair({ labels: [{ title: 'bug', color: '#d9534f', description: 'Broken' }] });
    setFault(
      bench.destination,
      { method: 'POST', path: '/labels', where: request => !withAttribute('color', '#6699cc')(request) },
      refusal({ message: { color: ['must be a valid color code'], description: ['is bad'] } }),
    );
    const migration = await bench.migration('labels', ACME);

    await migration.run(labels);

    expect(group.labels).toEqual([expect.objectContaining({ color: '#6699cc', description: null })]);
    expect(await onlyFailure(migration)).toContain(
      "color '#d9534f' was refused (must be a valid color code); description 'Broken' was refused (is bad)",
    );
    expect(requestsTo(bench.destination, { method: 'POST', path: '/labels' })).toHaveLength(2);
  });

  it.each([
    ['of Ruby', `{:due_date=>["must be greater than start date"], :description=>["${TOO_LONG}"]}`],
    ['of Ruby 3.4', `{due_date: ["must be greater than start date"], description: ["${TOO_LONG}"]}`],
  ])('costs a milestone its date and the end of its description, told by a hash %s', async (_, hash) => {
    const bench = await startBench();
    const milestone = { title: '1.0', description: LONG, dueDate: '2026-03-31', startDate: '2026-01-01' };
    const group = bench.addPair({ milestones: [{ ...milestone, state: 'closed' }] });
    setFault(
      bench.destination,
      { method: 'POST', path: '/milestones', where: withAttribute('due_date') },
      refusal({ message: `Failed to create milestone ${hash}` }),
    );
    const migration = await bench.migration('milestones', ACME);

    await migration.run(milestones);

    expect(group.milestones).toEqual([
      expect.objectContaining({
        startDate: '2026-01-01',
        dueDate: null,
        description: LONG.slice(0, 500),
        state: 'closed',
      }),
    ]);
    const said = await onlyFailure(migration);
    expect(said).toContain(`${INCOMPLETE} milestone is at the destination, but not as asked: description`);
    expect(said).toContain(BY_HAND);
  });

  it('is told also when the run must wait before the milestone is closed', async () => {
    const bench = await startBench();
    bench.addPair({ milestones: [{ title: '1.0', description: LONG, state: 'closed' }] });
    let waits = 0;
    bench.destination.onRequest = request => {
      if (request.method === 'PUT') return waits++ === 0 ? throttled(60) : undefined;
      const isLong = request.method === 'POST' && withAttribute('description', LONG)(request);
      return isLong
        ? refusal({ message: `Failed to create milestone {:description=>["${TOO_LONG}"]}` })
        : undefined;
    };
    const migration = await bench.migration('milestones', ACME);

    const results = [await migration.run(milestones), await migration.run(milestones)];

    expect(results.map(({ status }) => status)).toEqual(['wait', 'ended']);
    expect(await onlyFailure(migration)).toContain(
      `description is '${'x'.repeat(40)}…' (500 characters) instead of '${'x'.repeat(40)}…' (600 characters)`,
    );
  });

  it('costs the record where it cannot be without, and is told in the words of the first refusal', async () => {
    const bench = await startBench();
    const group = bench.addPair({ labels: [{ title: 'bug', description: LONG }] });
    bench.destination.onRequest = request => {
      if (request.method !== 'POST') return undefined;
      const isLong = withAttribute('description')(request);
      return refusal({ message: isLong ? { description: [TOO_LONG] } : { title: ['is invalid'] } });
    };
    const migration = await bench.migration('labels', ACME);

    await migration.run(labels);

    expect(group.labels).toEqual([]);
    expect(requestsTo(bench.destination, { method: 'POST', path: '/labels' })).toHaveLength(3);
    expect(await onlyFailure(migration)).toContain(`create the label: 400 description ${TOO_LONG}`);
  });

  it('waits for a destination that throttles the second request', async () => {
    const bench = await startBench();
    const group = bench.addPair({ labels: [{ title: 'bug', description: LONG }] });
    let throttles = 0;
    bench.destination.onRequest = request => {
      if (request.method !== 'POST') return undefined;
      if (withAttribute('description')(request)) return refusal({ message: { description: [TOO_LONG] } });
      return throttles++ === 0 ? throttled(60) : undefined;
    };
    const migration = await bench.migration('labels', ACME);

    const results = [await migration.run(labels), await migration.run(labels)];

    expect(results.map(({ status }) => status)).toEqual(['wait', 'ended']);
    expect(group.labels).toHaveLength(1);
    expect(await onlyFailure(migration)).toContain('was refused');
  });
});

describe('an attribute that the response of a write does not show', () => {
  it.each([
    ['name', { name: 'bugs' }, "name is 'bugs' instead of 'bug'"],
    ['color', { color: '#000000' }, "color is '#000000' instead of '#d9534f'"],
    ['description', { description: null }, "description is empty instead of 'Broken'"],
  ])('of a label is a failure: %s', async (_, other, said) => {
    const bench = await startBench();
    bench.addPair({ labels: [{ title: 'bug', color: '#d9534f', description: 'Broken' }] });
    const label = { id: 1, name: 'bug', color: '#D9534F', description: ' Broken\r\n' };
    setFault(bench.destination, { method: 'POST', path: '/labels' }, shown({ ...label, ...other }));
    const migration = await bench.migration('labels', ACME);

    await migration.run(labels);

    expect(await onlyFailure(migration)).toBe(
      `${INCOMPLETE} label is at the destination, but not as asked: ${said}. ${BY_HAND}`,
    );
  });

  it.each([
    ['title', { title: '1' }, "title is '1' instead of '1.0'"],
    ['start_date', { start_date: null }, "start_date is empty instead of '2026-01-01'"],
    ['due_date', { due_date: '2026-04-01' }, "due_date is '2026-04-01' instead of '2026-03-31'"],
    ['description', { description: '' }, "description is empty instead of 'First'"],
  ])('of a milestone is a failure: %s', async (_, other, said) => {
    const bench = await startBench();
    const milestone = { title: '1.0', description: 'First', startDate: '2026-01-01', dueDate: '2026-03-31' };
    bench.addPair({ milestones: [milestone] });
    const { startDate: start_date, dueDate: due_date, ...rest } = milestone;
    const response = { id: 1, iid: 1, state: 'active', ...rest, start_date, due_date, ...other };
    setFault(bench.destination, { method: 'POST', path: '/milestones' }, shown(response));
    const migration = await bench.migration('milestones', ACME);

    await migration.run(milestones);

    expect(await onlyFailure(migration)).toContain(
      `milestone is at the destination, but not as asked: ${said}.`,
    );
  });

  it('of a milestone is a failure: state', async () => {
    const bench = await startBench();
    bench.addPair({ milestones: [{ title: '1.0', state: 'closed' }] });
    const response = { id: 1, iid: 1, title: '1.0', state: 'active' };
    setFault(bench.destination, { method: 'PUT', path: /\/milestones\/\d+$/ }, shown(response));
    const migration = await bench.migration('milestones', ACME);

    await migration.run(milestones);

    expect(await onlyFailure(migration)).toContain("state is 'active' instead of 'closed'");
  });

  it.each([
    ['name', { name: null }, "name is empty instead of 'CI'"],
    [
      'link_url',
      { link_url: 'https://a.example' },
      "link_url is 'https://a.example' instead of 'https://ci.example'",
    ],
    ['image_url', { image_url: 'x' }, "image_url is 'x' instead of 'https://ci.example/%{project_path}.svg'"],
  ])('of a badge is a failure: %s', async (_, other, said) => {
    const bench = await startBench();
    const [linkUrl, imageUrl] = ['https://ci.example', 'https://ci.example/%{project_path}.svg'];
    bench.addPair({ badges: [{ name: 'CI', linkUrl, imageUrl }] });
    const badge = { id: 1, name: 'CI', link_url: linkUrl, image_url: imageUrl };
    setFault(bench.destination, { method: 'POST', path: '/badges' }, shown({ ...badge, ...other }));
    const migration = await bench.migration('badges', ACME);

    await migration.run(badges);

    expect(await onlyFailure(migration)).toContain(`badge is at the destination, but not as asked: ${said}.`);
  });
});
