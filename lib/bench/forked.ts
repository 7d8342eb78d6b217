import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A module of the benchmark that runs as a process of its own, so that its memory and its CPU are nobody else's. It
 * says one thing when it is ready, and one in response to each question. It ends with this process.
 */
export class Forked<Ready, Question, Response> {
  readonly ready: Ready;
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  private constructor(child: ChildProcess, ended: Promise<never>, ready: Ready) {
    this.#child = child;
    this.#ended = ended;
    this.ready = ready;
  }

  /** Starts the module with these options and waits until it is ready. @throws when it ends instead */
  static async start<Ready, Question, Response>(
    module: URL,
    options: unknown,
  ): Promise<Forked<Ready, Question, Response>> {
    const child = fork(fileURLToPath(module), [JSON.stringify(options)]);
    const name = module.pathname.split('/').at(-1);
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`${name} has ended with ${code ?? signal}.`);
    });
    ended.catch(() => undefined);
    const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Ready];
    return new Forked(child, ended, ready);
  }

  /** Asks something. @throws what the process says is wrong, or when it ends */
  async ask(question: Question): Promise<Response> {
    this.#child.send(question as object);
    const [said] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [
      { response: Response } | { error: string },
    ];
    if ('error' in said) throw new Error(said.error);
    return said.response;
  }

  /** Ends the process and waits until it is gone; with `SIGKILL` in the middle of whatever it does. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended.catch(() => undefined);
  }
}

/** The options of this process, if the module is one that was started by `Forked`; `undefined` if it was imported. */
export function forkedOptions<Options>(moduleUrl: string): Options | undefined {
  if (process.send === undefined || process.argv[1] !== fileURLToPath(moduleUrl)) return undefined;
  return JSON.parse(process.argv[2] ?? '{}') as Options;
}

/** Says that this process is ready, and what it responds to questions. */
export function respond<Question>(ready: unknown, answer: (question: Question) => Promise<unknown>): void {
  process.on('message', (question: Question) => {
    answer(question).then(
      response => process.send?.({ response }),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  process.on('disconnect', () => process.exit());
  // By itself a signal ends a process before it has removed its temporary files.
  process.once('SIGTERM', () => process.exit());
  process.send?.(ready);
}
