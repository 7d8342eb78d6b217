import type { Work } from './work-counter.ts';

/** List prices of us-east-1 in USD. The logs are not among them: their size is not measured here. */
const PRICES = {
  /** Step Functions, Standard. */
  transition: 0.025 / 1_000,
  invocation: 0.2 / 1_000_000,
  /** Lambda, arm64. */
  gigabyteSecond: 0.0000133334,
  /** DynamoDB, on demand. */
  writeUnit: 0.625 / 1_000_000,
  readUnit: 0.125 / 1_000_000,
  kmsRequest: 0.03 / 10_000,
};

/** Memory of every function. */
const GIGABYTES = 0.5;

/** What AWS would bill for this work, by the counts. @param transitions billed ones */
export function usdOf(transitions: number, work: Work): number {
  return (
    transitions * PRICES.transition +
    work.invocations * PRICES.invocation +
    work.lambdaSeconds * GIGABYTES * PRICES.gigabyteSecond +
    work.writeUnits * PRICES.writeUnit +
    work.readUnits * PRICES.readUnit +
    work.kmsRequests * PRICES.kmsRequest
  );
}
