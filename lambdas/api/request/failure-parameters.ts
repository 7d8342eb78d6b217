import * as z from 'zod/mini';
import { paginationShape } from './pagination.ts';
import { matching, optional, text } from './parameters.ts';

/** Keys of failures have fewer characters, and none of the others. */
const KEY = /^[\w#.:-]{1,255}$/;

/** The parameters of the list of failures. */
export const failurePagesShape = {
  ...paginationShape,
  after: optional(
    text(
      z.describe(
        'Where the page begins, as the `next` of `Link` names it in a list of more than 10,000: such a page costs no more than the first.',
      ),
      matching(key => KEY.test(key), 'is invalid'),
    ),
  ),
};
