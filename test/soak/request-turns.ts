import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import { vi } from 'vitest';
import { invocationIds } from '../../lambdas/platform/invocation.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';

const SENDER = 'x-sample-sender';
const NUMBER = 'x-sample-number';

/**
 * Turns of the event loop without a new request, after which all that were to come have come: functions take a few
 * from a response to their next request.
 */
const QUIET_TURNS = 4;

/** Who sends a request. */
export interface Sender {
  /** Name of the function. */
  name: string;
  /** Whether it was killed: what it has sent takes effect before anything that is sent after it. */
  isDead: boolean;
}

interface Waiting {
  sender: Sender | undefined;
  send: () => void;
  /** Cuts its connection, if it is one in the middle of which somebody can die. */
  cut: () => void;
}

/** What the turns have to know of others. */
export interface Surroundings {
  /** Who sends a request now. */
  sender: () => Sender | undefined;
  /** Which of so many comes first. */
  pick: (count: number) => number;
  /** Whether a disk is at work, after which others may come. */
  isBusy: () => boolean;
  /** Whether the limit of a request is that of one whose body is a stream. */
  isOfStream: (signal: AbortSignal | undefined) => boolean;
}

type Agent = http.Agent & { addRequest(request: http.ClientRequest, options: object): void };
type Request = (url: URL, options: http.RequestOptions & { agent: Agent }) => http.ClientRequest;

/**
 * Lets the requests to the GitLabs out one after the other, so that their order is the schedule's and not the
 * machine's. Of those that are sent at the same time, `pick` says which comes first.
 */
export class RequestTurns {
  readonly #surroundings: Surroundings;
  /** The request on whose connection something is done. */
  readonly #inside = new AsyncLocalStorage<Waiting>();
  readonly #signals = new Map<string, AbortSignal>();
  readonly #spy: { mockRestore(): void };
  readonly #waiting: Waiting[] = [];
  #isTaken = false;
  #current: Waiting | undefined;
  #arrived = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const original = http.request as unknown as Request;
    this.#spy = vi
      .spyOn(http, 'request')
      .mockImplementation(((url: URL, options: Parameters<Request>[1]) =>
        original(url, this.#changed(options))) as unknown as typeof http.request);
  }

  /** Whether none is on its way or waits for its turn. */
  get areDelivered(): boolean {
    return !this.#isTaken && this.#waiting.length === 0;
  }

  /** What ends a request when its time is over. */
  limitOf({ headers }: SampleRequest): AbortSignal | undefined {
    return this.#signals.get(headers[NUMBER] ?? '');
  }

  /** Whether this is done on the connection of a request that is on its way, which nobody else can wait for. */
  get isInside(): boolean {
    return this.#inside.getStore() !== undefined;
  }

  /** Does something that may begin other work, which is not done on that connection. */
  leave<T>(act: (insider: Sender | undefined) => T): T {
    const insider = this.#inside.getStore()?.sender;
    return this.#inside.exit(() => act(insider));
  }

  /** Cuts the connection by which somebody who is dead was sending or receiving a stream. */
  cut(sender: Sender): void {
    if (this.#current?.sender === sender) this.#current.cut();
  }

  stop(): void {
    this.#spy.mockRestore();
  }

  /** Signs a request with who sends it, and has it wait for its turn. */
  #changed(options: Parameters<Request>[1]): Parameters<Request>[1] {
    const { agent, headers, signal } = options;
    const { isOfStream } = this.#surroundings;
    const sender = this.#surroundings.sender();
    const number = String(this.#signals.size + 1);
    if (signal) this.#signals.set(number, signal);
    const addRequest: Agent['addRequest'] = (request, rest) => {
      this.#arrived += 1;
      const waiting: Waiting = {
        sender,
        send: () => {
          // Also one that is ended already: it is not sent, and its sender hears of it from the agent.
          request.once('close', () => this.#end());
          this.#inside.run(waiting, () => agent.addRequest(request, rest));
        },
        cut: () => void (isOfStream(signal) && request.destroy()),
      };
      this.#waiting.push(waiting);
      if (!this.#isTaken) void this.#next();
    };
    const signed = {
      ...(headers as http.OutgoingHttpHeaders),
      [SENDER]: nameOf(sender),
      [NUMBER]: number,
    };
    return {
      ...options,
      headers: signed,
      agent: Object.create(agent, { addRequest: { value: addRequest } }),
    };
  }

  #end(): void {
    this.#isTaken = false;
    this.#current = undefined;
    if (this.#waiting.length > 0) void this.#next();
  }

  async #next(): Promise<void> {
    this.#isTaken = true;
    for (let quiet = 0, arrived = this.#arrived; quiet < QUIET_TURNS; quiet++) {
      await new Promise(setImmediate);
      if (arrived === this.#arrived && !this.#surroundings.isBusy()) continue;
      arrived = this.#arrived;
      quiet = 0;
    }
    const dead = this.#waiting.findIndex(({ sender }) => sender?.isDead);
    const index = dead >= 0 ? dead : this.#surroundings.pick(this.#waiting.length);
    this.#current = this.#waiting.splice(index, 1)[0];
    this.#current?.send();
  }
}

/** A relation that sends a request of its own, or the function that does so outside of relations. */
function nameOf(sender: Sender | undefined): string {
  const { pipeline } = invocationIds();
  return pipeline === undefined ? (sender?.name ?? '') : `${RELATION}${pipeline}`;
}

const RELATION = 'relation/';

/** Who has sent a request: a relation, e.g. `relation/labels`, or a function, e.g. `api/create-import`. */
export const senderOf = ({ headers }: SampleRequest) => headers[SENDER] ?? '';
/** The relation that has sent a request; `undefined` for a request of no relation. */
export const relationOf = (request: SampleRequest) =>
  senderOf(request).startsWith(RELATION) ? senderOf(request).slice(RELATION.length) : undefined;
