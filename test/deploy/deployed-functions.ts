import * as z from 'zod';
import { ACCOUNT, REGION } from './operator.ts';
import { waitUntil } from './wait-until.ts';

/** More functions than the stack has. */
const PAGE = 200;

const functionSchema = z.object({
  FunctionName: z.string(),
  FunctionArn: z.string(),
  Description: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
  LastUpdateStatus: z.string(),
});

type DeployedFunction = z.infer<typeof functionSchema>;

/** The functions of the stack through Lambda's own API. Three requests are not worth another SDK client. */
export class DeployedFunctions {
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(awsUrl: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#url = `${awsUrl}/2015-03-31/functions`;
  }

  /** Takes variables away from a function for as long as something is done. */
  async withoutVariables(description: string, variables: string[], body: () => Promise<void>): Promise<void> {
    const without = (all: Record<string, string>) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !variables.includes(name)));
    await this.#whileChanged(description, without, body);
  }

  /** Gives a function other values of variables for as long as something is done. */
  async withVariables(
    description: string,
    variables: Record<string, string>,
    body: () => Promise<void>,
  ): Promise<void> {
    await this.#whileChanged(description, all => ({ ...all, ...variables }), body);
  }

  /** The ARN of the function that says that it is this. */
  async arnOf(description: string): Promise<string> {
    return (await this.#find(description)).FunctionArn;
  }

  async #whileChanged(
    description: string,
    change: (all: Record<string, string>) => Record<string, string>,
    body: () => Promise<void>,
  ): Promise<void> {
    const target = await this.#find(description);
    const all = target.Environment.Variables;
    await this.#configure(target, change(all));
    try {
      await body();
    } finally {
      await this.#configure(target, all);
    }
  }

  async #find(description: string): Promise<DeployedFunction> {
    const { Functions } = z
      .object({ Functions: z.array(functionSchema) })
      .parse(await this.#request(`/?MaxItems=${PAGE}`, { method: 'GET' }));
    const found = Functions.find(candidate => candidate.Description === description);
    if (found === undefined) throw new Error(`No function says that it is ${description}.`);
    return found;
  }

  async #configure({ FunctionName }: DeployedFunction, variables: Record<string, string>): Promise<void> {
    const body = JSON.stringify({ Environment: { Variables: variables } });
    const path = `/${FunctionName}/configuration`;
    await this.#request(path, { method: 'PUT', body });
    await waitUntil(
      `the update of ${FunctionName}`,
      async () => {
        const { LastUpdateStatus } = functionSchema.parse(await this.#request(path, { method: 'GET' }));
        return LastUpdateStatus === 'Successful' ? true : undefined;
      },
      { signal: this.#signal },
    );
  }

  async #request(path: string, init: RequestInit): Promise<unknown> {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    // The emulator reads account and region from the scope, and does not check the signature.
    const authorization = `AWS4-HMAC-SHA256 Credential=${ACCOUNT}/${day}/${REGION}/lambda/aws4_request, SignedHeaders=host, Signature=none`;
    const response = await fetch(this.#url + path, { ...init, headers: { authorization } });
    if (!response.ok) throw new Error(`Lambda answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
}
