import { Agent, request } from 'node:http';

type Json = Record<string, unknown>;

/**
 * The least that a script needs to speak to a GitLab: one request after the other over a connection that is kept, no
 * retries, no checks. It is the frozen loop's own, so that nothing done to the service's client makes the loop faster
 * or slower.
 */
export class PlainClient {
  /** Requests sent so far. */
  requests = 0;
  readonly #url: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#json('GET', `/api/v4${path}`);
  }

  post<T>(path: string, body: Json): Promise<T> {
    return this.#json('POST', `/api/v4${path}`, body);
  }

  put<T>(path: string, body: Json): Promise<T> {
    return this.#json('PUT', `/api/v4${path}`, body);
  }

  /** All pages of a list. */
  async all<T>(path: string): Promise<T[]> {
    const records: T[] = [];
    for (let page = '1'; page !== ''; ) {
      const separator = path.includes('?') ? '&' : '?';
      const { body, next } = await this.#send('GET', `/api/v4${path}${separator}per_page=100&page=${page}`);
      records.push(...(JSON.parse(body) as T[]));
      page = next;
    }
    return records;
  }

  /** Whether there is such a file. */
  async exists(path: string): Promise<boolean> {
    return (await this.#send('GET', `/api/v4${path}`, undefined, [200, 404])).status === 200;
  }

  /** The `data` of a query or mutation. */
  async graphql<T>(query: string, variables: Json): Promise<T> {
    const { data, errors } = await this.#json<{ data: T; errors?: unknown }>('POST', '/api/graphql', {
      query,
      variables,
    });
    if (errors !== undefined) throw new Error(`${this.#url} answered ${JSON.stringify(errors)}`);
    return data;
  }

  /** Closes its connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #json<T>(method: string, path: string, body?: Json): Promise<T> {
    return JSON.parse((await this.#send(method, path, body)).body) as T;
  }

  #send(method: string, path: string, json?: Json, expected = [200, 201]) {
    this.requests++;
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    };
    const options = { method, headers, agent: this.#agent };
    return new Promise<{ status: number; body: string; next: string }>((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, options, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          const next = String(response.headers['x-next-page'] ?? '');
          if (expected.includes(status)) resolve({ status, body, next });
          else reject(new Error(`${method} ${path} was answered ${status} ${body}`));
        });
      });
      sent.on('error', reject);
      sent.end(json === undefined ? undefined : JSON.stringify(json));
    });
  }
}
