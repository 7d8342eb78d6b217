import type { LocalFunctions } from './functions.ts';
import type { LocalTable } from './local-table.ts';

type Functions = Pick<LocalFunctions, 'invoke'>;

/**
 * The functions as the workflow invokes them. Those that fail while files cannot be written, a full disk as a rule, fail
 * by the name of trouble that the state machine waits for as long as it takes: it is no fault of theirs, and what they
 * would write about it is lost, too.
 */
export function guarded(functions: Functions, table: Pick<LocalTable, 'isBlocked'>): Functions {
  return {
    async invoke(name, event) {
      try {
        return await functions.invoke(name, event);
      } catch (error) {
        if (!table.isBlocked) throw error;
        throw Object.assign(new Error('The table cannot be written.'), { name: 'Lambda.ServiceException' });
      }
    },
  };
}
