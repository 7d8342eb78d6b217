import { receiveContent } from './uploaded-file.ts';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** A form that is none. */
export class BrokenForm extends Error {
  override readonly name = 'BrokenForm';
}

/**
 * Reads a form (RFC 7578) while it arrives: texts, and files as `UploadedFile`, of which the large ones go to where
 * `newFile` says. Nothing for an empty body. Throws `BrokenForm`.
 */
export async function readForm(
  body: AsyncIterator<Buffer>,
  contentType: string,
  newFile: () => Promise<string>,
): Promise<[string, unknown][] | undefined> {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  const reader = new MarkedReader(body);
  if (await reader.isEmpty()) return undefined;
  if (boundary === undefined) throw new BrokenForm('there is no boundary');
  const entries: [string, unknown][] = [];
  await textOf(reader.until(Buffer.from(`--${boundary}`)));
  while (!(await reader.startsWith('--'))) {
    const head = await textOf(reader.until(END_OF_HEAD));
    const content = reader.until(Buffer.from(`\r\n--${boundary}`));
    const disposition = headerOf(head, 'content-disposition');
    const filename = attributeOf(disposition, 'filename');
    const value =
      filename === undefined
        ? await textOf(content)
        : {
            filename,
            contentType: headerOf(head, 'content-type') || 'text/plain',
            content: await receiveContent(content, newFile),
          };
    entries.push([attributeOf(disposition, 'name') ?? '', value]);
  }
  return entries;
}

/** Gives a stream in parts that end at marks, without holding more of it than it is given at once. */
class MarkedReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterator<Buffer>) {
    this.#pieces = pieces;
  }

  async isEmpty(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more());
  }

  /** Whether a text of two characters comes next. */
  async startsWith(text: string): Promise<boolean> {
    while (this.#rest.length < text.length) if (!(await this.#more())) throw new BrokenForm('it is cut off');
    return this.#rest.subarray(0, text.length).equals(Buffer.from(text));
  }

  /** What comes before the next mark, which is read as well. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    let at = this.#rest.indexOf(mark);
    while (at < 0) {
      // The mark may have begun at the end of what is here.
      const certain = this.#rest.length - mark.length + 1;
      if (certain > 0) yield this.#take(certain);
      if (!(await this.#more())) throw new BrokenForm('it is cut off');
      at = this.#rest.indexOf(mark);
    }
    if (at > 0) yield this.#take(at);
    this.#take(mark.length);
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }
}

async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

function headerOf(head: string, name: string): string {
  const line = head.split('\r\n').find(candidate => candidate.toLowerCase().startsWith(`${name}:`)) ?? '';
  return line.slice(name.length + 1).trim();
}

/** An attribute of a header, in which browsers write quotes and line ends as they are in URLs. */
function attributeOf(header: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(header) ?? [];
  return (quoted ?? bare)?.replace(/%(22|0D|0A)/gi, decodeURIComponent);
}
