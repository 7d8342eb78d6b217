import * as z from 'zod/mini';
import { pageHeadersSchema } from '../request/pagination.ts';
import { integer } from '../request/parameters.ts';
import type { Route } from '../routes.ts';
import { BODIES, HEADERS, QUERIES } from './inputs.ts';
import { FILE_HEADERS, FILES, isFile, OUTPUTS, REDIRECT_HEADERS } from './outputs.ts';
import { COMMON_HEADERS, NAMED_RESPONSES, type ResponseDescription } from './responses.ts';
import { type JsonSchema, jsonSchema, namedSchemas, parameterSchema } from './schemas.ts';

const DESCRIPTION = `GitLab's Bulk Imports API ("direct transfer"): moves groups from a source GitLab to the destination
GitLab of this service, whose tokens it takes. Reading needs a token with the scope \`read_api\` or \`api\`, everything
else \`api\`. HEAD is answered as GET, without the body; OPTIONS as \`Methods\`, a path that does not exist as
\`NoRoute\`, and a method that a path does not have as \`MethodNotAllowed\` among the responses below.`;

const SECURITY_SCHEMES = {
  privateToken: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN' },
  bearer: { type: 'http', scheme: 'bearer' },
  privateTokenParameter: { type: 'apiKey', in: 'query', name: 'private_token' },
  accessTokenParameter: { type: 'apiKey', in: 'query', name: 'access_token' },
};

const BODY_TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];

interface OperationObject {
  operationId: string;
  summary: string;
  responses: Record<string, unknown>;
  [field: string]: unknown;
}

/**
 * The API in the words of OpenAPI 3.1, made from the route table and from the schemas that the handlers read and write
 * with.
 */
export function openApiDocument(routes: readonly Route[]) {
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: "GitLab's Bulk Imports API", version: 'v4', description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: Object.keys(SECURITY_SCHEMES).map(name => ({ [name]: [] })),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      responses: Object.fromEntries(
        Object.entries(NAMED_RESPONSES).map(([name, response]) => [name, responseOf(response)]),
      ),
      schemas: namedSchemas(),
    },
  };
}

function operationOf(route: Route): OperationObject {
  const { handler, summary, description, isPublic, input } = route;
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: handler.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary,
    ...(description !== undefined && { description }),
    ...(isPublic && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(input.body !== undefined && {
      requestBody: { required: true, content: contentOf(BODY_TYPES, BODIES[input.body]) },
    }),
    responses: responsesOf(route),
  };
}

function pathParameters({ path }: Route): unknown[] {
  return [...path.matchAll(/{(\w+)}/g)].map(([, name]) => {
    // A link's token is the only parameter of a path that is no id.
    const { schema } =
      name === 'token' ? { schema: { type: 'string' } } : parameterSchema(integer(undefined));
    return { name, in: 'path', required: true, schema };
  });
}

function queryParameters({ input: { query } }: Route): unknown[] {
  const shape = query === undefined ? {} : QUERIES[query];
  return Object.entries(shape).map(([name, schema]) => ({ name, in: 'query', ...parameterSchema(schema) }));
}

function headerParameters({ input: { headers = [] } }: Route): unknown[] {
  return headers.map(name => ({
    name,
    in: 'header',
    required: false,
    schema: jsonSchema(HEADERS[name]),
  }));
}

function responsesOf({ output, errors }: Route): Record<string, unknown> {
  return Object.fromEntries([
    [output.status, responseOf(successOf(output))],
    ...errors.map(name => [NAMED_RESPONSES[name].status, { $ref: `#/components/responses/${name}` }]),
  ]);
}

function successOf({ schema, isList }: Route['output']): Omit<ResponseDescription, 'status'> {
  if (schema === 'redirect') {
    return { description: 'Where it is now.', schemas: [], headers: REDIRECT_HEADERS };
  }
  const description = 'As asked for.';
  if (isFile(schema)) {
    return {
      description,
      schemas: [z.string()],
      type: `${FILES[schema]}; charset=utf-8`,
      headers: FILE_HEADERS,
    };
  }
  return { description, schemas: [OUTPUTS[schema]], ...(isList && { headers: pageHeadersSchema }) };
}

function responseOf(response: Omit<ResponseDescription, 'status'>) {
  const { description, schemas, headers, byGateway, type = 'application/json' } = response;
  const [only, ...others] = schemas.map(jsonSchema);
  return {
    description,
    headers: { ...(!byGateway && headersOf(COMMON_HEADERS)), ...(headers && headersOf(headers)) },
    ...(only && {
      content: contentOf([type], others.length === 0 ? only : { anyOf: [only, ...others] }),
    }),
  };
}

function headersOf(schema: z.ZodMiniType): Record<string, unknown> {
  const { properties = {}, required = [] } = jsonSchema(schema);
  return Object.fromEntries(
    Object.entries(properties).map(([name, header]) => [
      name,
      { required: required.includes(name), schema: header },
    ]),
  );
}

function contentOf(types: string[], schema: JsonSchema): Record<string, { schema: JsonSchema }> {
  return Object.fromEntries(types.map(type => [type, { schema }]));
}
