import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { json } from './answer.ts';
import type { ProjectArchives } from './archives/project-archives.ts';
import { ByHand } from './by-hand.ts';
import { type Fault, type Outcome, withFault } from './fault.ts';
import { GitLabInstance } from './instance.ts';
import { type Latency, latencyOf } from './latency.ts';
import type { SampleGroup, SampleGroupSeed, SampleUser } from './model.ts';
import { ObjectStorage } from './object-storage.ts';
import { type SampleGitLabOptions, settingsOf } from './options.ts';
import { seedProject } from './project-creation.ts';
import type { SampleProject, SampleProjectSeed } from './project-model.ts';
import { RateLimit, TOO_MANY_REQUESTS } from './rate-limit.ts';
import { type ReceivedRequest, receive, recordOf, type SampleRequest } from './received-request.ts';
import type { Answering } from './route.ts';
import { prepareRequest } from './router.ts';
import {
  revokeToken,
  type SampleTokenSeed,
  type SampleUserSeed,
  seedGroup,
  seedToken,
  seedUser,
} from './seed.ts';
import { finish } from './sending.ts';
import { noteUndeclared, takeUndeclared, undeclaredOf } from './undeclared.ts';

export type { Fault } from './fault.ts';
export type { SampleGitLabOptions } from './options.ts';
export type { SampleRequest } from './received-request.ts';
export type { SampleTokenSeed, SampleUserSeed } from './seed.ts';

/** Longer than any pause inside a run, so that clients never meet a connection which is just being closed. */
const KEEP_ALIVE_MS = 120_000;

/** A GitLab instance in memory which answers GitLab's public REST and GraphQL APIs on 127.0.0.1. */
export class SampleGitLab {
  /** Every request, in order of arrival. */
  readonly requests: SampleRequest[] = [];
  /**
   * `peakParallel`: most requests that were between arrival and answer at the same time. Without latency a request
   * is answered before the next one is read, so that only `latencyMs` makes this number mean something.
   */
  readonly statistics: { total: number; peakParallel: number } = { total: 0, peakParallel: 0 };
  /** Fault hook, called after authentication and the rate limit, before the request takes effect. */
  onRequest: ((request: SampleRequest) => Fault | undefined) | undefined;
  /** Called when a request gets no answer, after it has taken effect if it does. */
  onSilence: ((request: SampleRequest) => void) | undefined;
  readonly #instance: GitLabInstance;
  readonly #latency: Latency;
  readonly #rateLimit: RateLimit | undefined;
  readonly #externalUrl: SampleGitLabOptions['externalUrl'];
  readonly #storage = new ObjectStorage(path =>
    this.#note('GET', path, 'the object storage got a token of GitLab'),
  );
  #url = '';
  #server: Server | undefined;
  #stopping = new AbortController();
  #parallel = 0;

  constructor(options: SampleGitLabOptions = {}) {
    this.#instance = new GitLabInstance(settingsOf(options), options.archives);
    this.#externalUrl = options.externalUrl;
    this.#latency = options;
    this.#rateLimit =
      options.rateLimitPerMinute === undefined ? undefined : new RateLimit(options.rateLimitPerMinute);
  }

  /** Listens on a random port. */
  async start(): Promise<this> {
    if (this.#server) throw new Error('the sample GitLab is running already');
    this.#stopping = new AbortController();
    this.archives.files.open();
    // Archives may take their time to arrive.
    const server = createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.#url = `http://127.0.0.1:${port}`;
    const external = this.#externalUrl ?? this.#url;
    this.#instance.url = typeof external === 'string' ? external : external(port);
    const storage = this.#storage;
    if (this.#instance.settings.avatarStorage === 'redirect') {
      await storage.start();
      this.#instance.signedLink = avatar => storage.signedLink(avatar);
    }
    this.#instance.signedFileLink = async path => {
      await storage.start();
      return storage.signedFileLink(path, () => this.archives.behaviour);
    };
    return this;
  }

  /** Destroys open connections, too. The data stays, but for archives: a restarted server has them all. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    this.#stopping.abort();
    await this.#storage.stop();
    await new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await this.archives.clear();
  }

  /** Exports and imports of projects, whose `behaviour` can be changed at any time. */
  get archives(): ProjectArchives {
    return this.#instance.archives;
  }

  /** `http://127.0.0.1:<port>`; throws before `start`. */
  get url(): string {
    if (this.#url === '') throw new Error('the sample GitLab was not started');
    return this.#url;
  }

  /**
   * What it was asked that GitLab does not declare: unknown endpoints, refused parameters, parameters that this
   * version or edition would silently ignore, GraphQL that does not fit the schema. Each is a mistake of a client
   * and fails the test in which it was met.
   */
  get undeclared(): string[] {
    return undeclaredOf(this);
  }

  /** The same, taken: for a test that makes such a mistake on purpose. */
  takeUndeclared(): string[] {
    return takeUndeclared(this);
  }

  /** Throws when the username is taken. */
  addUser(attributes: SampleUserSeed): SampleUser {
    return seedUser(this.#instance, attributes);
  }

  /** Throws when the user is unknown or the token is taken. */
  addToken(token: string, attributes: SampleTokenSeed): void {
    seedToken(this.#instance, token, attributes);
  }

  /** Refuses the token from the next request on, with GitLab's 401 for it. Throws when the token is unknown. */
  revokeToken(token: string): void {
    revokeToken(this.#instance, token);
  }

  /** Throws on everything that GitLab would refuse, and on unknown parents, titles and usernames. */
  addGroup(attributes: SampleGroupSeed): SampleGroup {
    return seedGroup(this.#instance, attributes);
  }

  /** Adds a project to a group. Throws on paths and names that are taken, and on unknown groups and usernames. */
  addProject(group: string, attributes: SampleProjectSeed): SampleProject {
    const found = this.group(group);
    if (found === undefined) throw new Error(`there is no group '${group}'`);
    return seedProject(this.#instance, found, attributes);
  }

  /** The live group of a full path. */
  group(fullPath: string): SampleGroup | undefined {
    return this.#instance.groupByPath(fullPath);
  }

  /** The live project of a full path; not found where it was before it was renamed. */
  project(fullPath: string): SampleProject | undefined {
    return this.#instance.projectByPath(fullPath);
  }

  /** The name of a user; undefined for none. */
  username(userId: number): string | undefined {
    return this.#instance.users.get(userId)?.username;
  }

  /** Id of a user, undefined when there is none of that name. */
  userId(username: string): number | undefined {
    return this.#instance.userByUsername(username)?.id;
  }

  groups(): SampleGroup[] {
    return [...this.#instance.groups.values()];
  }

  /** What people do without the API. */
  get byHand(): ByHand {
    return new ByHand(this.#instance);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#countUntilClosed(response);
    const record = recordOf(request);
    this.requests.push(record);
    const silent = () => this.onSilence?.(record);
    const { files } = this.archives;
    const { newFile, remove } = files.batch();
    try {
      const received = await files.during(receive(this.#instance, request, record, newFile));
      const throttle = record.user === undefined ? undefined : this.#rateLimit?.take(record.user);
      const latencyMs = latencyOf(record, this.#latency);
      if (latencyMs > 0) await this.#delay(latencyMs);
      const outcome = throttle?.allowed === false ? TOO_MANY_REQUESTS : await this.#handle(received);
      // Whoever has the response finds nothing left of the request.
      await remove();
      finish(response, record, outcome, throttle?.headers ?? {}, silent);
    } catch (error) {
      // Either nobody is left to be answered, or there is a mistake in a handler or in the fault hook.
      if (response.destroyed || this.#stopping.signal.aborted) response.destroy();
      else
        finish(
          response,
          record,
          json(500, { message: '500 Internal Server Error', error: String(error) }),
          {},
          silent,
        );
    } finally {
      await remove();
    }
  }

  async #handle(received: ReceivedRequest): Promise<Outcome> {
    // Checked in any case: a fault must not hide a request that GitLab would refuse.
    const answer = this.#prepare(received);
    const fault = this.onRequest?.(received.record);
    return withFault(fault, answer, ms => this.#delay(ms));
  }

  #prepare({ record, rawPath, body, credentials }: ReceivedRequest): () => Answering {
    const { method, query, headers } = record;
    const onUndeclared = (problem: string) => this.#note(method, record.path, problem);
    if ('error' in body) {
      const { answer } = body.error;
      onUndeclared(`the body is refused: ${answer.body}`);
      return () => answer;
    }
    const request = { method, rawPath, query, headers, params: body.params, credentials, onUndeclared };
    return prepareRequest(this.#instance, request);
  }

  #note(method: string, path: string, problem: string): void {
    noteUndeclared(this, `${method} ${path} at GitLab ${this.#instance.settings.version}: ${problem}`);
  }

  #countUntilClosed(response: ServerResponse): void {
    this.statistics.total += 1;
    this.#parallel += 1;
    this.statistics.peakParallel = Math.max(this.statistics.peakParallel, this.#parallel);
    response.once('close', () => {
      this.#parallel -= 1;
    });
  }

  #delay(ms: number): Promise<unknown> {
    return delay(ms, undefined, { signal: this.#stopping.signal });
  }
}
