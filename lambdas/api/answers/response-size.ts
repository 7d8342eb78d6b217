/** Lambda takes a response of 6 MB, in which a body is JSON within JSON; so much of it is for what is listed. */
export const MOST_BYTES = 5 * 1024 * 1024;

/** Full paths have 255 characters in GitLab; a destination's is that of a namespace and a slug. */
export const LONGEST_PATH = 512;

/** How much of a response an object takes: its JSON, as a text of the JSON that a Lambda hands over. */
export const bytesOf = (value: object): number =>
  Buffer.byteLength(JSON.stringify(`${JSON.stringify(value)},`));
