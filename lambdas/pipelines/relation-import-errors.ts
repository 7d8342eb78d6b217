import { NotImportedError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { ImportableRelation } from '../domain/relation-names.ts';
import { relationInWords } from '../gitlab/api/project-counts.ts';
import { isNotFound } from '../gitlab/client-errors.ts';
import type { NetworkError } from '../gitlab/errors.ts';
import { isSourceOff, PROJECT_ADVICE } from '../gitlab/project-refusals.ts';

/** Why a relation could not be imported into a project that is there, and what to do about it. */

/** GitLab would remove members by it. @param count how many */
export function membersWouldGo(count: number): NotImportedError {
  return new NotImportedError(
    `To import it again GitLab would remove ${count === 1 ? 'the one direct member' : `all ${count} direct members`} of the project, as it does unless the importing user is the first of them. So it was not asked. Add what is missing by hand.`,
    false,
  );
}

/** Nobody knows whether it would. */
export function membersUnknown(): NotImportedError {
  return new NotImportedError(
    'GitLab can remove members of a project by importing a relation into it again, and the destination token cannot see them. So it was not asked. Give its user the role Maintainer in the project and retry, or add what is missing by hand.',
    true,
  );
}

export function archiveGone(): NotImportedError {
  return new NotImportedError(
    'The new archive of the project is not there any more, after days in which it was not used or a cancel. Retry it.',
    true,
  );
}

export function importFailed(relation: ImportableRelation): NotImportedError {
  return new NotImportedError(
    `The destination GitLab could not import the ${relationInWords(relation)} of the project again, and shows no reason. Its administrator finds one in importer.log. Retry when that is removed, or add what is missing by hand.`,
    true,
  );
}

/** What an older GitLab, or one without the flag, does not have. */
export const NO_SINGLE_RELATIONS =
  'The destination GitLab imports no single relations, as since 17.1, or since 16.11 with its flag single_relation_import. Update it and retry, or add what is missing by hand.';

/** A refusal of the destination, with what to do about it. */
export function refused(error: NetworkError, relation: ImportableRelation): NotImportedError {
  if (isSourceOff(error)) return new NotImportedError(PROJECT_ADVICE.importsOff, true);
  if (isNotFound(error) && !/Project not found/i.test(error.reason)) {
    return new NotImportedError(NO_SINGLE_RELATIONS, false);
  }
  return new NotImportedError(
    messageText({
      before: `The destination GitLab refused to import the ${relationInWords(relation)} of the project again: `,
      quoted: error.reason.replace(/\.+$/, ''),
      after: '. Correct it and retry, or add what is missing by hand.',
    }),
    true,
  );
}
