import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { tableDefinition } from '../../lambdas/store/table-definition.ts';

/** DynamoDB on this machine: dynalite, in this process, on loopback only. */
export class TableServer {
  readonly endpoint: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /**
   * Starts the server and makes the table unless it is there.
   *
   * @param path folder of the data; in memory without one
   */
  static async start(tableName: string, path?: string): Promise<TableServer> {
    // Not at the top: it takes its time to load, and who brings a table of his own does without it.
    const { default: dynalite } = await import('dynalite');
    const server = dynalite({ ...(path !== undefined && { path }), createTableMs: 0 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // dynalite listens on all interfaces unless told otherwise.
      server.listen(0, '127.0.0.1', resolve);
    });
    const started = new TableServer(server);
    await started.#makeTable(tableName);
    return started;
  }

  async #makeTable(tableName: string): Promise<void> {
    const client = new DynamoDBClient({ endpoint: this.endpoint });
    try {
      await client.send(new CreateTableCommand({ TableName: tableName, ...tableDefinition }));
    } catch (error) {
      if ((error as Error).name !== 'ResourceInUseException') throw error;
    }
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: tableName });
    client.destroy();
  }

  /** Leaves the server to the end of the process, and lets the process end. */
  abandon(): void {
    this.#server.unref();
  }

  /** Closes the server and the files. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }
}
