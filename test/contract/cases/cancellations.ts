import { expect } from 'vitest';
import { STATUSES } from '../../../lambdas/domain/statuses.ts';
import type { Case } from '../case.ts';

const CANCELED = { status: 'canceled', has_failures: false, source_type: 'gitlab' };

/** What cancels an import, in this order. */
export const CANCELLATIONS: Record<string, Case[]> = {
  'canceling an import': [
    {
      it: 'of somebody else is refused, unlike reading it, which would be 404',
      send: 'POST /bulk_imports/{carlas-started}/cancel',
      as: 'otto',
      status: 403,
      body: { message: '403 Forbidden' },
    },
    {
      it: 'that was refused changes nothing',
      send: 'GET /bulk_imports/{carlas-started}',
      as: 'carla',
      status: 200,
      body: expect.objectContaining({ status: 'started' }),
    },
    ...STATUSES.map(
      (status): Case => ({
        it: `is possible when it is ${status}`,
        send: `POST /bulk_imports/{carlas-${status}}/cancel`,
        as: status === 'failed' ? 'admin' : 'carla',
        status: 200,
        body: expect.objectContaining(CANCELED),
      }),
    ),
    {
      it: 'is seen afterwards',
      send: 'GET /bulk_imports?status=canceled&sort=asc',
      as: 'carla',
      status: 200,
      lists: STATUSES.map(status => `carlas-${status}`),
    },
    {
      it: 'needs no body and ignores one',
      send: 'POST /bulk_imports/{carlas-canceled}/cancel',
      as: 'carla',
      json: { import_id: 'x' },
      status: 200,
      body: expect.objectContaining(CANCELED),
    },
  ],
};
