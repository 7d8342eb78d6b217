import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll } from 'vitest';

type Lookup = (hostname: string, options: object, callback: (...answer: unknown[]) => void) => void;

/**
 * Lets this process resolve made-up names. A name has a list of addresses per question; the last one is the answer
 * again and again. Other names are resolved as always.
 *
 * @returns how often each name was asked for
 */
export function resolveNames(names: Record<string, string[][]>): Map<string, number> {
  const questions = new Map<string, number>();
  const real = dns.lookup;
  const lookup: Lookup = (hostname, options, callback) => {
    const answers = names[hostname];
    if (answers === undefined) return (real as unknown as Lookup)(hostname, options, callback);
    const asked = questions.get(hostname) ?? 0;
    questions.set(hostname, asked + 1);
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    const found = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));
    queueMicrotask(() => callback(null, found));
  };
  install(lookup as unknown as typeof dns.lookup);
  afterAll(() => install(real));
  return questions;
}

function install(lookup: typeof dns.lookup): void {
  dns.lookup = lookup;
  syncBuiltinESMExports();
}
