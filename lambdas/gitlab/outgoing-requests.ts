import http, { type ClientRequest, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { agentFor } from './agents.ts';
import { RESPONSE } from './budgets.ts';
import { proxyFor } from './proxies.ts';
import { checkUrl, guardedLookup, type NetworkPolicy } from './url-guard.ts';

/** The longest that a timer of Node can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A request as it goes out. */
export interface Outgoing {
  url: URL;
  method: string;
  headers: OutgoingHttpHeaders;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Begins a request under a network policy: what it leads to is checked, and the way there chosen. Whoever begins it
 * writes its body and ends it.
 *
 * @throws BlockedUrlError, ProxyError
 */
export function beginRequest({ url: wanted, ...options }: Outgoing, policy: NetworkPolicy): ClientRequest {
  const url = checkUrl(wanted, policy);
  const { request } = url.protocol === 'https:' ? https : http;
  return request(url, {
    ...options,
    agent: agentFor(url.protocol, policy, proxyFor(url)),
    lookup: guardedLookup(policy),
    maxHeaderSize: RESPONSE.headerBytes,
  });
}

/** Calls back when a request has taken the time that it has; without one, in 25 days. */
export function timer(callback: () => void, milliseconds = LONGEST_TIMER_MS): NodeJS.Timeout {
  return setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER_MS));
}
