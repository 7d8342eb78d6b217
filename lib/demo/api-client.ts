import * as z from 'zod/mini';
import { bulkImportSchema, entitySchema } from '../../lambdas/api/answers/record-schemas.ts';

export type ImportAnswer = z.infer<typeof bulkImportSchema>;
export type EntityAnswer = z.infer<typeof entitySchema>;

/** GitLab's largest page. */
const PER_PAGE = 100;

/** The service answered with an error; the message has its own words. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

/** A client of the Bulk Imports API, as anybody could write one: it knows of the service no more than its URL. */
export class BulkImportsClient {
  readonly #url: string;
  readonly #token: string;

  constructor(serviceUrl: string, token: string) {
    this.#url = `${serviceUrl}/api/v4/bulk_imports`;
    this.#token = token;
  }

  /** Starts a migration; the body is JSON. @throws ServiceError unless the answer is 201 */
  async createImport(body: string): Promise<ImportAnswer> {
    const response = await this.#request('', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return bulkImportSchema.parse(await response.json());
  }

  async getImport(id: number): Promise<ImportAnswer> {
    const response = await this.#request(`/${id}`);
    return bulkImportSchema.parse(await response.json());
  }

  /** All entities of an import, from as many pages as there are. */
  async listEntities(importId: number): Promise<EntityAnswer[]> {
    const entities: EntityAnswer[] = [];
    let page = '1';
    do {
      const response = await this.#request(`/${importId}/entities?per_page=${PER_PAGE}&page=${page}`);
      entities.push(...z.array(entitySchema).parse(await response.json()));
      page = response.headers.get('x-next-page') ?? '';
    } while (page !== '');
    return entities;
  }

  async #request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, 'private-token': this.#token };
    const response = await fetch(this.#url + path, { ...init, headers });
    if (response.ok) return response;
    throw new ServiceError(`The service answered ${response.status}: ${await response.text()}`);
  }
}
