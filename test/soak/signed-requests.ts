import http from 'node:http';
import { type MockInstance, vi } from 'vitest';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';

const SENDER = 'x-sample-sender';

/** Makes every request carry the name of the function that sends it, so that a test knows whose it is. */
export function signRequests(nameOfCaller: () => string | undefined): MockInstance {
  const request = http.request as (url: URL, options: http.RequestOptions) => http.ClientRequest;
  return vi.spyOn(http, 'request').mockImplementation(((url: URL, options: http.RequestOptions) =>
    request(url, {
      ...options,
      headers: { ...(options.headers as http.OutgoingHttpHeaders), [SENDER]: nameOfCaller() ?? '' },
    })) as typeof http.request);
}

/** Name of the function that has sent a request, e.g. `pipeline/labels`. */
export const senderOf = ({ headers }: SampleRequest) => headers[SENDER] ?? '';
