import type { ApiAnswer } from './answer.ts';
import type { Answering } from './route.ts';

/** What a fault hook may answer with instead of (or around) the normal handling. */
export type Fault =
  /** Answers without handling the request. */
  | { kind: 'respond'; status: number; headers?: Record<string, string>; body?: string }
  /** The connection is destroyed before the request takes effect. */
  | { kind: 'drop-before' }
  /** The request takes effect, then the connection is destroyed. */
  | { kind: 'drop-after' }
  /** The request takes effect, but this answer is sent. */
  | { kind: 'respond-after'; status: number; headers?: Record<string, string>; body?: string }
  /** The request takes effect, and the connection ends in the middle of the answer. */
  | { kind: 'cut-off' }
  /** Normal handling, with these headers on the answer as well. */
  | { kind: 'add-headers'; headers: Record<string, string> }
  /** Normal handling, and the answer is changed on its way, as a proxy does. */
  | { kind: 'change'; change: (answer: ApiAnswer) => ApiAnswer }
  /** Normal handling after a delay. */
  | { kind: 'delay'; ms: number }
  /** Waits for a promise, then goes on as the fault says that it resolves to, or normally. */
  | { kind: 'hold'; until: Promise<Fault | undefined> }
  /** Neither handles nor answers. */
  | { kind: 'hang' }
  /** The request takes effect, and is not answered. */
  | { kind: 'hang-after' }
  /** The request takes effect, half of the answer is sent, and nothing more. */
  | { kind: 'stall' }
  /** The connection is ended in good order, without an answer, before the request takes effect. */
  | { kind: 'end-before' }
  /** The request takes effect, and the connection ends in the middle of the answer's headers. */
  | { kind: 'cut-headers' }
  /** The connection changes to another protocol, for which nobody has asked, before the request takes effect. */
  | { kind: 'upgrade' };

/** What happens to the connection in the end. */
export type Outcome =
  | ApiAnswer
  | { cutOff: ApiAnswer }
  | { stall: ApiAnswer }
  | 'drop'
  | 'hang'
  | 'end'
  | 'cut headers'
  | 'upgrade';

/** Runs `handle`, or does not, as the fault says. */
export async function withFault(
  fault: Fault | undefined,
  handle: () => Answering,
  delay: (ms: number) => Promise<unknown>,
): Promise<Outcome> {
  switch (fault?.kind) {
    case undefined:
      return handle();
    case 'respond':
      return faultAnswer(fault);
    case 'drop-before':
      return 'drop';
    case 'drop-after':
      await handle();
      return 'drop';
    case 'respond-after':
      await handle();
      return faultAnswer(fault);
    case 'cut-off':
      return { cutOff: await handle() };
    case 'add-headers': {
      const answer = await handle();
      return { ...answer, headers: { ...answer.headers, ...fault.headers } };
    }
    case 'change':
      return fault.change(await handle());
    case 'delay':
      await delay(fault.ms);
      return handle();
    case 'hold':
      return withFault(await fault.until, handle, delay);
    case 'hang':
      return 'hang';
    case 'hang-after':
      await handle();
      return 'hang';
    case 'stall':
      return { stall: await handle() };
    case 'end-before':
      return 'end';
    case 'cut-headers':
      await handle();
      return 'cut headers';
    case 'upgrade':
      return 'upgrade';
  }
}

function faultAnswer(fault: { status: number; headers?: Record<string, string>; body?: string }): ApiAnswer {
  return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' };
}
