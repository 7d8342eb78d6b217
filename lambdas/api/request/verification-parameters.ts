import { Secret } from '../../domain/secret.ts';
import { badRequest } from '../answers/http-errors.ts';
import { configurationShape } from './create-import-parameters.ts';
import { asObject, checkShape } from './parameters.ts';

/** What a verification needs that an import keeps no longer: the source's token, which is erased at its end. */
export const verificationShape = { access_token: configurationShape.access_token };

/** Reads the parameters of `POST /bulk_imports/:id/verify`. @throws the 400 that names every problem */
export function parseVerification(input: Record<string, unknown>): Secret {
  const object = asObject(input.configuration);
  const { values, problems } = checkShape(verificationShape, object ?? {}, name => `configuration[${name}]`);
  const isAbsent = input.configuration === undefined || input.configuration === null;
  const own = object === undefined ? [`configuration ${isAbsent ? 'is missing' : 'is invalid'}`] : [];
  const all = [...own, ...[...problems.values()].flat()];
  if (all.length > 0) throw badRequest(all);
  return new Secret(values.access_token.trim());
}
