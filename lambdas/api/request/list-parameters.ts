import { STATUSES } from '../../domain/statuses.ts';
import { paginationShape } from './pagination.ts';
import { oneOf, optional } from './parameters.ts';

/** The parameters of the three lists of imports and entities. */
export const listShape = {
  ...paginationShape,
  sort: optional(oneOf(['asc', 'desc'])),
  status: optional(oneOf(STATUSES)),
};
