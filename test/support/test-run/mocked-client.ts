import { mockClient } from 'aws-sdk-client-mock';
import { afterEveryFile } from './hooks.ts';

const restores: (() => void)[] = [];
afterEveryFile(() => {
  for (const restore of restores.splice(0)) restore();
});

/** `mockClient` until the tests of the file are over: it is the class that is mocked, also for the files after it. */
export const mockedClient: typeof mockClient = (client, options) => {
  const mocked = mockClient(client, options);
  restores.push(() => mocked.restore());
  return mocked;
};
