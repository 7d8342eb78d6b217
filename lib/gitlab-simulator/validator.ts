import { coerce } from './coercion.ts';
import type { Availability, Endpoint, Param, Rule } from './declarations/declaration.ts';
import { has, type Release } from './versions.ts';

/** An endpoint as one release has it. */
export interface CompiledEndpoint {
  readonly endpoint: Endpoint;
  readonly params: readonly (readonly [
    name: string,
    param: Param,
    values: Values,
    fields: CompiledEndpoint | undefined,
  ])[];
  readonly rules: readonly Rule[];
}

type Values = readonly (string | number)[] | undefined;

export interface Validated {
  /** The declared parameters, coerced; a rule's problem does not empty them. */
  readonly values: Record<string, unknown>;
  /** What GitLab refuses, in its words and order. */
  readonly problems: readonly string[];
  /** What GitLab drops without a word, each with the reason. */
  readonly ignored: readonly string[];
}

/** GitLab reads these in front of every endpoint. */
const AUTHENTICATION = new Set(['private_token', 'access_token', 'job_token', 'sudo']);

/** Leaves out what a release does not have, once for all requests. */
export function compileEndpoint(endpoint: Endpoint, release: Release): CompiledEndpoint {
  const params = Object.entries(endpoint.params)
    .filter(([, param]) => has(release, param))
    .map(
      ([name, param]) => [name, param, valuesOf(param, release), fieldsOf(endpoint, param, release)] as const,
    );
  const known = new Set(params.map(([name]) => name));
  const rules = (endpoint.rules ?? [])
    .filter(rule => has(release, rule))
    .map(rule => ({ ...rule, params: rule.params.filter(name => known.has(name)) }));
  return { endpoint, params, rules };
}

/** Checks the parameters of one request, those of its path included. */
export function validate(
  { endpoint, params, rules }: CompiledEndpoint,
  sent: Record<string, unknown>,
): Validated {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  const ignored: string[] = [];
  for (const [name, param, allowed, fields] of params) {
    if (!Object.hasOwn(sent, name) || (param.required && sent[name] === null)) {
      if (param.required) problems.push(`${name} is missing`);
      continue;
    }
    const coerced = coerce(param, sent[name], allowed);
    if ('problem' in coerced) problems.push(`${name} ${coerced.problem}`);
    else if (fields && coerced.value !== null) {
      const inside = validate(fields, coerced.value as Record<string, unknown>);
      values[name] = inside.values;
      problems.push(...inside.problems.map(problem => problem.replace(/^\w+/, `${name}[$&]`)));
      ignored.push(...inside.ignored.map(text => `${name}: ${text}`));
    } else values[name] = coerced.value;
  }
  problems.push(...rules.flatMap(rule => problemOf(rule, sent) ?? []));
  const known = new Set(params.map(([name]) => name));
  const unknown = Object.keys(sent).filter(name => !known.has(name) && !AUTHENTICATION.has(name));
  ignored.push(...unknown.map(name => `'${name}' is ignored (${whyIgnored(endpoint.params[name])})`));
  return { values, problems, ignored };
}

/** Why a release does not have something that GitLab declares, or that GitLab declares nothing of the kind. */
export function whyIgnored(declared: Availability | undefined): string {
  if (declared === undefined) return 'GitLab declares no such parameter';
  const { since, until, edition } = declared;
  const reasons = [
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(until === undefined ? [] : [`until ${until}`]),
    ...(edition === 'ee' ? ['Enterprise Edition only'] : []),
    ...(edition === 'ce' ? ['Community Edition only'] : []),
  ];
  return reasons.join(', ');
}

/** The parameters inside an object, checked like those of an endpoint. */
function fieldsOf(endpoint: Endpoint, { fields }: Param, release: Release): CompiledEndpoint | undefined {
  const { method, path } = endpoint;
  return fields && compileEndpoint({ method, path, params: fields }, release);
}

function problemOf({ kind, params }: Rule, sent: Record<string, unknown>): string | undefined {
  const given = params.filter(name => Object.hasOwn(sent, name));
  const names = params.join(', ');
  switch (kind) {
    case 'required':
      return given.length < params.length ? `${names} is missing` : undefined;
    case 'mutually_exclusive':
      return given.length > 1 ? `${given.join(', ')} are mutually exclusive` : undefined;
    case 'at_least_one_of':
      return given.length === 0 ? `${names} are missing, at least one parameter must be provided` : undefined;
    case 'all_or_none_of':
      return given.length > 0 && given.length < params.length
        ? `${names} provide all or none of parameters`
        : undefined;
    case 'exactly_one_of':
      if (given.length === 0) return `${names} are missing, exactly one parameter must be provided`;
      return given.length > 1 ? `${given.join(', ')} are mutually exclusive` : undefined;
  }
}

function valuesOf({ values, valuesSince = {} }: Param, release: Release): Values {
  return values?.filter(value => {
    const since = valuesSince[String(value)];
    return since === undefined || has(release, { since });
  });
}
