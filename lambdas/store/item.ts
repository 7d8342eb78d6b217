/** An item of the table, or attributes of one, as the DocumentClient has them. */
export type Item = Record<string, unknown>;
