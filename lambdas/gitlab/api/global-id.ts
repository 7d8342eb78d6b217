import * as z from 'zod/mini';

/** The number in a GraphQL global id such as `gid://gitlab/Group/12`. It must be one that can be stored. */
export const globalId = z.pipe(
  z.pipe(
    z.string().check(z.regex(/^gid:\/\/gitlab\/\w+\/\d+$/)),
    z.transform((text: string) => Number(text.slice(text.lastIndexOf('/') + 1))),
  ),
  z.int(),
);
