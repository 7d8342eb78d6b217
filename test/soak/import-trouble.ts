import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { ImportTrouble } from './schedule.ts';

const INTERRUPTED = 'Import timed out. Import took longer than 86400 seconds';
const REFUSED = 'Validation failed: Name is too long';
/** Of the issues of a full project, the one with this line of the file is left out. */
export const LEFT_OUT_LINE = 1;

/** Lets the imports of a destination end as it is said. */
export function troubleImports(gitlab: SampleGitLab, trouble: ImportTrouble | undefined): void {
  if (trouble === undefined) return;
  const { behaviour } = gitlab.archives;
  switch (trouble.kind) {
    case 'left out':
      behaviour.failedRelations = [{ relation: 'issues', lines: [LEFT_OUT_LINE] }];
      return;
    case 'refused':
      behaviour.importError = REFUSED;
      return;
    default:
      behaviour.importError = INTERRUPTED;
  }
  if (trouble.kind === 'interrupted') return;
  const others = gitlab.onRequest;
  gitlab.onRequest = request => {
    if (request.method === 'DELETE' && /\/projects\/\d+$/.test(request.path))
      behaviour.importError = undefined;
    return others?.(request);
  };
}
