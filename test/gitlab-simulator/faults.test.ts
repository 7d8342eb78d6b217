import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fault, SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS] });
});

function createLabel() {
  return call(gitlab, 'olivia', 'POST', '/groups/acme/labels', { name: 'new', color: '#000000' });
}

function labels() {
  return gitlab.group('acme')?.labels.map(label => label.title);
}

function failWith(fault: Fault): void {
  gitlab.onRequest = () => fault;
}

describe('the fault hook', () => {
  it('sees the request with its user and can let it pass', async () => {
    const seen = vi.fn(() => undefined);
    gitlab.onRequest = seen;

    const { status } = await createLabel();

    expect(status).toBe(201);
    expect(seen).toHaveBeenCalledOnce();
    expect(seen).toHaveBeenCalledWith(
      expect.objectContaining({ method: 'POST', path: '/api/v4/groups/acme/labels', user: 'olivia' }),
    );
  });

  it('responds instead of handling', async () => {
    failWith({
      kind: 'respond',
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Bad</h1>',
    });

    const { status, body } = await createLabel();

    expect([status, body]).toEqual([502, '<h1>Bad</h1>']);
    expect(labels()).toEqual([]);
  });

  it('drops the connection before the request takes effect', async () => {
    failWith({ kind: 'drop-before' });

    await expect(createLabel()).rejects.toThrow();

    expect(labels()).toEqual([]);
    expect(gitlab.requests.at(-1)?.status).toBeUndefined();
  });

  it('drops the connection after the request took effect', async () => {
    failWith({ kind: 'drop-after' });

    await expect(createLabel()).rejects.toThrow();

    expect(labels()).toEqual(['new']);
  });

  it('sends another answer after the request took effect', async () => {
    failWith({ kind: 'respond-after', status: 504 });

    expect((await createLabel()).status).toBe(504);
    expect(labels()).toEqual(['new']);
    expect(gitlab.requests.at(-1)?.status).toBe(504);
  });

  it('delays the normal handling', async () => {
    failWith({ kind: 'delay', ms: 30 });
    const started = performance.now();

    expect((await createLabel()).status).toBe(201);
    expect(performance.now() - started).toBeGreaterThan(25);
  });

  it('holds a request until it is let go, and then does what it is told', async () => {
    const gate = Promise.withResolvers<Fault | undefined>();
    failWith({ kind: 'hold', until: gate.promise });
    const answer = createLabel();
    await vi.waitUntil(() => gitlab.requests.at(-1)?.method === 'POST');
    expect(labels()).toEqual([]);

    gate.resolve({ kind: 'respond-after', status: 504 });

    expect((await answer).status).toBe(504);
    expect(labels()).toEqual(['new']);
  });

  it('never answers when told to hang, until the server stops', async () => {
    const asked = new Promise<void>(resolve => {
      gitlab.onRequest = () => {
        resolve();
        return { kind: 'hang' };
      };
    });
    const settled = vi.fn();
    const answer = createLabel().finally(settled);
    const failed = expect(answer).rejects.toThrow();

    await asked;
    gitlab.onRequest = undefined;
    await call(gitlab, 'olivia', 'GET', '/version');
    expect(settled).not.toHaveBeenCalled();

    await gitlab.stop();
    await failed;
    expect(labels()).toEqual([]);
  });

  it('that throws makes a 500 which shows the reason', async () => {
    gitlab.onRequest = () => {
      throw new Error('the hook is wrong');
    };

    const { status, body } = await createLabel();

    expect(status).toBe(500);
    expect(body.error).toContain('the hook is wrong');
  });
});

describe('the server', () => {
  it('adds latency to every request and counts how many ran side by side', async () => {
    // Long enough for all of them to arrive on a loaded machine before the first is answered.
    const slow = await startGitLab({ latencyMs: 500 });
    const started = performance.now();

    await Promise.all(Array.from({ length: 8 }, () => call(slow, 'olivia', 'GET', '/version')));

    expect(performance.now() - started).toBeGreaterThan(495);
    expect(slow.statistics).toEqual({ total: 8, peakParallel: 8 });
  });

  it('counts requests one after the other as not parallel', async () => {
    await call(gitlab, 'olivia', 'GET', '/version');
    await call(gitlab, 'olivia', 'GET', '/version');

    expect(gitlab.statistics.peakParallel).toBe(1);
  });

  it('keeps its data when it is stopped and started again', async () => {
    await gitlab.stop();
    await expect(call(gitlab, 'olivia', 'GET', '/version')).rejects.toThrow();
    await gitlab.start();

    expect((await call(gitlab, 'olivia', 'GET', '/groups/acme')).body.name).toBe('Acme');
  });
});
