import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod/mini';
import { type Answer, type CallOptions, callApi } from './bulk-imports-client.ts';

const reference = z.strictObject({ $ref: z.string() });
const responseSchema = z.object({
  description: z.string(),
  headers: z.optional(z.record(z.string(), z.object({ required: z.boolean(), schema: z.looseObject({}) }))),
  content: z.optional(z.record(z.string(), z.object({ schema: z.unknown() }))),
});
const operationSchema = z.object({
  responses: z.record(z.string(), z.union([reference, responseSchema])),
});
/** The document, as far as answers are concerned. */
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ responses: z.record(z.string(), responseSchema) }),
});

type Response = z.infer<typeof responseSchema>;

/** An answer's place in the document, as JSON pointer segments. */
type Place = string[];

/** Headers about the transport, of which the API's description does not speak. */
const TRANSPORT = [
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
];

/**
 * Calls the API and holds every answer against the OpenAPI document that the same service serves: path, method and
 * status must be described, and the headers and the body must be as described, with nothing else in them.
 */
export class Contract {
  readonly #baseUrl: string;
  readonly #document: z.infer<typeof documentSchema>;
  readonly #ajv: Ajv2020;
  /** What has been answered so far, as `GET /path 200`. */
  readonly #seen = new Set<string>();

  private constructor(baseUrl: string, document: z.infer<typeof documentSchema>) {
    this.#baseUrl = baseUrl;
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addVocabulary(Object.keys(document));
    this.#ajv.addSchema(document, 'document');
  }

  /** Reads the contract of a service from the service itself. */
  static async of(baseUrl: string): Promise<Contract> {
    const { body } = await callApi(baseUrl, 'GET', '/bulk_imports/openapi.json', { token: null });
    return new Contract(baseUrl, documentSchema.parse(body));
  }

  /** Calls the API. @throws when the answer is not as described */
  async call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    const answer = await callApi(this.#baseUrl, method, path, options);
    const place = this.#placeOf(method, `/api/v4${path}`.replace(/\?.*$/, ''), answer.status);
    const problems = place === undefined ? ['it is not described'] : this.#compare(place, method, answer);
    if (problems.length > 0) {
      const text = JSON.stringify(answer.body);
      throw new Error(`The answer ${answer.status} to ${method} ${path}: ${problems.join('; ')}: ${text}`);
    }
    return answer;
  }

  /** The answers that are described and that nothing has got so far. */
  unseen(): string[] {
    const described = Object.entries(this.#document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses).map(status => `${method.toUpperCase()} ${path} ${status}`),
      ),
    );
    return described.filter(line => !this.#seen.has(line));
  }

  #placeOf(method: string, path: string, status: number): Place | undefined {
    const template = this.#templateOf(path);
    const operations = template === undefined ? undefined : this.#document.paths[template];
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = operations?.[name];
    if (template !== undefined && operation !== undefined) {
      this.#seen.add(`${method} ${template} ${status}`);
      const response = operation.responses[status];
      if (response === undefined) return undefined;
      return '$ref' in response
        ? String(response.$ref).split('/').slice(1)
        : ['paths', template, name, 'responses', String(status)];
    }
    const [fallback, expected] =
      operations === undefined
        ? (['NoRoute', 404] as const)
        : method === 'OPTIONS'
          ? (['Methods', 204] as const)
          : (['MethodNotAllowed', 405] as const);
    return status === expected ? ['components', 'responses', fallback] : undefined;
  }

  /** The path as the document has it; fixed segments win over parameters. */
  #templateOf(path: string): string | undefined {
    const wanted = path.replace(/\/$/, '').split('/');
    const parametersOf = (template: string) => template.split('{').length;
    return Object.keys(this.#document.paths)
      .filter(template => {
        const segments = template.split('/');
        const fits = (segment: string, index: number) =>
          segment === wanted[index] || (segment.startsWith('{') && wanted[index] !== '');
        return segments.length === wanted.length && segments.every(fits);
      })
      .sort((a, b) => parametersOf(a) - parametersOf(b))[0];
  }

  #compare(place: Place, method: string, { headers, body }: Answer): string[] {
    const { headers: described = {}, content } = this.#at(place);
    const problems = Object.entries(described).flatMap(([name, { required }]) => {
      const value = headers.get(name);
      if (value === null) return required ? [`the header ${name} is missing`] : [];
      return this.#problemsOf([...place, 'headers', name, 'schema'], value).map(text => `${name} ${text}`);
    });
    const unknown = [...headers.keys()].filter(name => !TRANSPORT.includes(name) && !(name in described));
    problems.push(...unknown.map(name => `the header ${name} is not described`));
    if (content === undefined || method === 'HEAD')
      return body === '' ? problems : [...problems, 'it has a body'];
    const type = headers.get('content-type') ?? '';
    if (content[type] === undefined) return [...problems, `its type is '${type}'`];
    return [...problems, ...this.#problemsOf([...place, 'content', type, 'schema'], body)];
  }

  #at(place: Place): Response {
    const found = place.reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key],
      this.#document,
    );
    return responseSchema.parse(found);
  }

  #problemsOf(place: Place, value: unknown): string[] {
    const pointer = place.map(key => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')));
    const validate = this.#ajv.getSchema(`document#/${pointer.join('/')}`);
    if (validate === undefined) throw new Error(`There is no schema at ${pointer.join('/')}.`);
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(error => `${error.instancePath || 'it'} ${error.message}`);
  }
}
