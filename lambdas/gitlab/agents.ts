import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { openTunnel } from './tunnel.ts';
import type { NetworkPolicy } from './url-guard.ts';

/** Sockets per GitLab and process. A Lambda loads at most a few records at a time. */
const SOCKETS_PER_ORIGIN = 64;
/** An idle socket is closed before a GitLab's own time-out (5 s with Puma) can close it under a request. */
const IDLE_MS = 4_000;
/** The agent's time-out closes idle sockets only; requests have a signal of their own. */
const OPTIONS = { keepAlive: true, maxSockets: SOCKETS_PER_ORIGIN, timeout: IDLE_MS };

const agents = new Map<string, http.Agent>();

/**
 * The agent that keeps the sockets of one policy and proxy. They are kept apart: one that was opened under the lax
 * policy never serves the strict one.
 */
export function agentFor(protocol: string, policy: NetworkPolicy, proxy: URL | undefined): http.Agent {
  const name = `${protocol} ${policy} ${proxy?.href ?? ''}`;
  let found = agents.get(name);
  if (found === undefined) {
    if (proxy !== undefined)
      found = protocol === 'https:' ? tlsThrough(proxy, policy) : through(proxy, policy);
    else found = protocol === 'https:' ? new https.Agent(OPTIONS) : new http.Agent(OPTIONS);
    agents.set(name, found);
  }
  return found;
}

type Connected = (error: Error | null, socket: Duplex) => void;

function through(proxy: URL, policy: NetworkPolicy): http.Agent {
  const agent = new http.Agent(OPTIONS);
  agent.createConnection = (options, callback) => {
    openTunnel(proxy, policy, options).then(
      socket => (callback as Connected)(null, socket),
      error => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
  return agent;
}

function tlsThrough(proxy: URL, policy: NetworkPolicy): https.Agent {
  const agent = new https.Agent(OPTIONS);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    openTunnel(proxy, policy, options).then(
      // The certificate is checked against the name of the GitLab, whatever the tunnel leads to.
      socket => (callback as Connected)(null, connect({ ...options, socket } as object) as Duplex),
      error => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
  return agent;
}
