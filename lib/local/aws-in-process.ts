import { answerAwsRequests } from '../../lambdas/platform/aws-clients.ts';

/** An error as the AWS JSON protocol sends it. */
export class AwsError extends Error {
  readonly type: string;
  /** 400 for what was asked wrongly, 500 for trouble of the service, which the SDK asks again after. */
  readonly status: 400 | 500;

  constructor(type: string, message: string, status: 400 | 500 = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** Does what a client asks for and returns the response's body. @throws AwsError */
export type Act = (action: string, input: Record<string, unknown>) => Promise<unknown>;

/** By the service's name in `X-Amz-Target`. */
const services = new Map<string, Act>();

interface AwsRequest {
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * Answers the AWS clients of this process in this process, over the protocol that the SDK speaks, so that no handler
 * knows where it runs. There is no server: whoever else uses this machine, a page in a browser included, has nothing to
 * speak to.
 *
 * @param service `DynamoDB_20120810`, as `X-Amz-Target` has it
 * @returns takes it back
 */
export function serveInProcess(service: string, act: Act): () => void {
  services.set(service, act);
  answerInProcess();
  return () => {
    if (services.get(service) === act) services.delete(service);
  };
}

/**
 * Lets the AWS clients that are made from now on ask in this process only. Done by every service that starts; before
 * that by tests, whose processes outlive a service, and the clients that were made without one.
 */
export function answerInProcess(): void {
  answerAwsRequests({
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request: AwsRequest) => ({ response: await answer(request) }),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  });
}

async function answer({ headers, body }: AwsRequest) {
  const target = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1] ?? '';
  const [service = '', action = ''] = target.split('.');
  try {
    const act = services.get(service);
    if (act === undefined) throw new AwsError('ServiceUnavailable', `${service} is not running.`, 500);
    return responseOf(200, (await act(action, JSON.parse(textOf(body)))) ?? {});
  } catch (error) {
    const { type, status } =
      error instanceof AwsError ? error : { type: 'InternalFailure', status: 500 as const };
    return responseOf(status, { __type: type, message: (error as Error).message });
  }
}

const responseOf = (statusCode: number, body: unknown) => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(body)),
});

/** The SDK hands over text or the bytes of it. */
const textOf = (body: unknown): string =>
  body instanceof Uint8Array
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
    : String(body ?? '{}');
