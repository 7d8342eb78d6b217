import { executeSync, type GraphQLFormattedError } from 'graphql';
import { type ApiAnswer, json } from '../answer.ts';
import type { Credentials } from '../authentication.ts';
import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import { bodyParams } from '../request-body.ts';
import { checkDocument, operationErrors, operationOf, unknownVariables } from './document.ts';
import { rootValue } from './root-value.ts';
import { schemaOf } from './schema.ts';

/** GitLab's limits of what a query may cost. */
const MAXIMUM_COMPLEXITY = { nobody: 200, user: 250, administrator: 300 };

/** Characters of a document, without its variables. */
const MAXIMUM_LENGTH = 10_000;

interface GraphqlRequest {
  readonly params: Record<string, unknown>;
  readonly credentials: Credentials;
  readonly onUndeclared: (problem: string) => void;
}

/**
 * Checks a GraphQL request against the schema of the instance's version and returns its answer and effect. Errors of
 * the query come with status 200; only a token which cannot be used has a status of its own, 401. Without any token
 * the query runs for nobody.
 */
export function prepareGraphql(instance: GitLabInstance, request: GraphqlRequest): () => ApiAnswer {
  const { credentials, params, onUndeclared } = request;
  const scopes = credentials.kind === 'accepted' ? credentials.token.scopes : [];
  const mayRead = scopes.includes('api') || scopes.includes('read_api');
  if (credentials.kind === 'refused' || (credentials.kind === 'accepted' && !mayRead)) {
    return () => json(401, { errors: [{ message: 'Invalid token' }] });
  }
  const refuse = (errors: readonly { toJSON(): GraphQLFormattedError }[]): (() => ApiAnswer) => {
    const formatted = errors.map(error => inWordsOfGitLab(error.toJSON()));
    for (const { message } of formatted) onUndeclared(message);
    return () => json(200, { errors: formatted });
  };

  const source = typeof params.query === 'string' ? params.query : '';
  if (source.length > MAXIMUM_LENGTH) {
    onUndeclared('the document is too long');
    return () => json(422, { errors: [{ message: 'Query too large' }] });
  }
  const user = credentials.kind === 'accepted' ? credentials.user : undefined;
  const schema = schemaOf(instance.settings);
  const checked = checkDocument(schema, source);
  if ('errors' in checked) return refuse(checked.errors);
  const { document } = checked;
  const operationName = typeof params.operationName === 'string' ? params.operationName : null;
  const variables = bodyParams(params.variables);
  const operation = operationOf(document, operationName);
  if (operation) {
    const errors = operationErrors(schema, document, operation, variables, maximumComplexity(user));
    if (errors.length > 0) return refuse(errors);
    for (const name of unknownVariables(operation, variables)) {
      onUndeclared(`the variable $${name} is ignored (the document does not declare it)`);
    }
  }
  return () => {
    const result = executeSync({
      schema,
      document,
      rootValue: rootValue({ instance, user }, scopes.includes('api')),
      variableValues: variables,
      operationName,
    });
    const errors = result.errors?.map(error => inWordsOfGitLab(error.toJSON()));
    return json(200, { ...result, ...(errors && { errors }) });
  };
}

function maximumComplexity(user: SampleUser | undefined): number {
  if (!user) return MAXIMUM_COMPLEXITY.nobody;
  return user.admin ? MAXIMUM_COMPLEXITY.administrator : MAXIMUM_COMPLEXITY.user;
}

/** GitLab's sentences have no full stop, and name a bad variable in another way. */
function inWordsOfGitLab(error: GraphQLFormattedError): GraphQLFormattedError {
  const message = error.message
    .replace(/^Variable "\$(\w+)" has invalid value.*$/s, 'Variable $$$1 was provided invalid value')
    .replace(/\.$/, '');
  return { ...error, message };
}
