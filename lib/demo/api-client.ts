import * as z from 'zod/mini';
import { planSchema } from '../../lambdas/api/answers/plan-schema.ts';
import { planEntitySchema } from '../../lambdas/api/answers/present-plan-entities.ts';
import { bulkImportSchema, entitySchema } from '../../lambdas/api/answers/record-schemas.ts';
import { verificationSchema } from '../../lambdas/api/answers/verification-schema.ts';

export type ImportAnswer = z.infer<typeof bulkImportSchema>;
export type VerificationAnswer = z.infer<typeof verificationSchema>;
export type PlanAnswer = z.infer<typeof planSchema>;
export type PlanEntityAnswer = z.infer<typeof planEntitySchema>;
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
    return bulkImportSchema.parse(await (await this.#post('', body)).json());
  }

  async getImport(id: number): Promise<ImportAnswer> {
    const response = await this.#request(`/${id}`);
    return bulkImportSchema.parse(await response.json());
  }

  /** All entities of an import. */
  listEntities(importId: number): Promise<EntityAnswer[]> {
    return this.#all(`/${importId}/entities`, entitySchema);
  }

  /** All entities of a plan. */
  listPlanEntities(planId: number): Promise<PlanEntityAnswer[]> {
    return this.#all(`/plans/${planId}/entities`, planEntitySchema);
  }

  /** A whole list, from as many pages as there are. */
  async #all<T>(path: string, schema: z.ZodMiniType<T>): Promise<T[]> {
    const records: T[] = [];
    let page = '1';
    do {
      const response = await this.#request(`${path}?per_page=${PER_PAGE}&page=${page}`);
      records.push(...z.array(schema).parse(await response.json()));
      page = response.headers.get('x-next-page') ?? '';
    } while (page !== '');
    return records;
  }

  /** Plans a migration; the body is that of a new import. */
  async createPlan(body: string): Promise<PlanAnswer> {
    return planSchema.parse(await (await this.#post('/plans', body)).json());
  }

  async getPlan(id: number): Promise<PlanAnswer> {
    return planSchema.parse(await (await this.#request(`/plans/${id}`)).json());
  }

  /** Tries again what has failed. */
  async retry(importId: number, body: string): Promise<ImportAnswer> {
    return bulkImportSchema.parse(await (await this.#post(`/${importId}/retry`, body)).json());
  }

  /** Reads both GitLabs again. */
  async verify(importId: number, body: string): Promise<VerificationAnswer> {
    return verificationSchema.parse(await (await this.#post(`/${importId}/verify`, body)).json());
  }

  async getVerification(importId: number): Promise<VerificationAnswer> {
    return verificationSchema.parse(await (await this.#request(`/${importId}/verification`)).json());
  }

  /** The report of an import, as a page. */
  async reportPage(importId: number): Promise<string> {
    return (await this.#request(`/${importId}/report.html`)).text();
  }

  #post(path: string, body: string): Promise<Response> {
    return this.#request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }

  async #request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, 'private-token': this.#token };
    const response = await fetch(this.#url + path, { ...init, headers });
    if (response.ok) return response;
    throw new ServiceError(`The service answered ${response.status}: ${await response.text()}`);
  }
}
