/** `npm start`: the whole service on this machine, for your own destination GitLab. */

import { LocalService } from '../lib/local/service.ts';
import { readSettings } from '../lib/local/settings.ts';
import { StartError } from '../lib/local/start-error.ts';

try {
  const service = await LocalService.start(readSettings(process.env));
  process.stdout.write([`listening on ${service.url}`, ...service.found, ''].join('\n'));
  const stop = async () => {
    await service.stop();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  const text = error instanceof StartError ? error.message : ((error as Error).stack ?? String(error));
  // What was started before it failed must not keep the process alive.
  process.stderr.write(`${text}\n`, () => process.exit(1));
}
