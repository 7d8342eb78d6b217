declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Makes a DynamoDB server that does not listen yet. */
  export default function dynalite(options?: {
    /** Folder of the data; in memory without one. */
    path?: string;
    /** Milliseconds that a table stays in CREATING. */
    createTableMs?: number;
  }): Server;
}
