import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterAll } from 'vitest';

export interface ConnectionAttempt {
  address: string;
  port: number;
}

/** Notes every address to which this process begins to connect, from now to the end of the test file. */
export function watchConnections(): ConnectionAttempt[] {
  const attempts: ConnectionAttempt[] = [];
  const note = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (address, port) => attempts.push({ address, port }));
  };
  diagnostics.subscribe('net.client.socket', note);
  afterAll(() => diagnostics.unsubscribe('net.client.socket', note));
  return attempts;
}
