import type { Readable } from 'node:stream';
import { entriesOf } from '../archives/archive-entries.ts';

/** What a line of an archive tells of its record. */
export interface ArchiveLine {
  title: string | undefined;
  iid: number | undefined;
}

const FILE = /^tree\/project\/([^/]+)\.ndjson$/;
/** A record with all of its notes; a longer line is passed over. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads lines of an archive of a project, as far as it must: none of it is held but the line in hand.
 *
 * @param wanted `issues:4` for the line with index 4 of `tree/project/issues.ndjson`
 * @returns the lines that were found
 * @throws BrokenArchiveError when it is none; what its stream does
 */
export async function readLines(
  archive: Readable,
  wanted: ReadonlySet<string>,
): Promise<Map<string, ArchiveLine>> {
  const found = new Map<string, ArchiveLine>();
  for await (const { path, content } of entriesOf(archive)) {
    const relation = FILE.exec(path)?.[1];
    const isWanted = relation !== undefined && [...wanted].some(key => key.startsWith(`${relation}:`));
    if (isWanted) await readFile(content, relation, wanted, found);
    if (found.size === wanted.size) break;
  }
  return found;
}

async function readFile(
  file: AsyncIterable<Buffer>,
  relation: string,
  wanted: ReadonlySet<string>,
  found: Map<string, ArchiveLine>,
): Promise<void> {
  let line = 0;
  let kept: Buffer[] = [];
  let length = 0;
  const isKept = () => wanted.has(`${relation}:${line}`);
  const keep = (bytes: Buffer) => {
    length += bytes.length;
    if (isKept() && length <= LONGEST_LINE_BYTES) kept.push(bytes);
  };
  const end = () => {
    if (isKept() && length <= LONGEST_LINE_BYTES)
      found.set(`${relation}:${line}`, lineOf(Buffer.concat(kept)));
    line += 1;
    kept = [];
    length = 0;
  };
  for await (const chunk of file) {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at !== -1; at = rest.indexOf(NEWLINE)) {
      keep(rest.subarray(0, at));
      end();
      rest = rest.subarray(at + 1);
    }
    keep(rest);
  }
  if (length > 0) end();
}

function lineOf(bytes: Buffer): ArchiveLine {
  try {
    const { title, name, iid } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    const text = typeof title === 'string' ? title : name;
    return {
      title: typeof text === 'string' ? text : undefined,
      iid: typeof iid === 'number' ? iid : undefined,
    };
  } catch {
    return { title: undefined, iid: undefined };
  }
}
