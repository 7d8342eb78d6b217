import { readFile } from 'node:fs/promises';

/** Documents whose commands are run, and the section with them if it is not the whole document. */
const DOCUMENTS: [file: string, heading?: string][] = [
  ['README.md', '## Run it in AWS'],
  ['docs/deploy.md'],
  ['docs/runbook.md'],
];

/** Commands that the emulator cannot show to be right, by how they begin, with the reason. */
const NOT_RUN = new Map([
  ['git pull', 'fetches another version'],
  ['npm ci', 'takes away the packages that the test runs on; whoever runs the test has run it before'],
  ['npx cdk deploy -c destinationUrl=https://gitlab.internal.example', 'there is no VPC'],
  ['aws cloudformation continue-update-rollback', 'no rollback gets stuck'],
]);

/** The commands that the documents tell operators to run, as they stand there. */
export class DocumentedCommands {
  readonly #all: Set<string>;
  readonly #left: Set<string>;

  private constructor(commands: string[]) {
    this.#all = new Set(commands);
    this.#left = new Set(commands);
  }

  static async read(): Promise<DocumentedCommands> {
    const texts = DOCUMENTS.map(async ([file, heading]) => {
      const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
      return commandsOf(heading === undefined ? text : sectionOf(text, heading));
    });
    return new DocumentedCommands((await Promise.all(texts)).flat());
  }

  /**
   * The next command that begins like this and was not taken yet. A command that stands in several places is one.
   *
   * @throws Error when the documents have no such command (any more)
   */
  take(beginning: string): string {
    for (const command of this.#left) {
      if (!command.startsWith(beginning) || reasonNotToRun(command) !== undefined) continue;
      this.#left.delete(command);
      return command;
    }
    throw new Error(`No document has a command that begins with "${beginning}" and was not run yet.`);
  }

  /** Commands that were neither taken nor cannot be run. */
  get left(): string[] {
    return [...this.#left].filter(command => reasonNotToRun(command) === undefined);
  }

  /** Beginnings of commands that cannot be run and that no document has. */
  get staleReasons(): string[] {
    return [...NOT_RUN.keys()].filter(beginning => ![...this.#all].some(text => text.startsWith(beginning)));
  }
}

const reasonNotToRun = (command: string) =>
  [...NOT_RUN].find(([beginning]) => command.startsWith(beginning))?.[1];

/** A section with its sub-sections, up to the next heading of the same level. */
function sectionOf(markdown: string, heading: string): string {
  const start = markdown.indexOf(`\n${heading}\n`);
  if (start === -1) throw new Error(`There is no heading "${heading}".`);
  const end = markdown.indexOf('\n## ', start + 1);
  return markdown.slice(start, end === -1 ? undefined : end);
}

/** The commands in the shell blocks of a text, without remarks at their ends. */
export function commandsOf(markdown: string): string[] {
  const commands: string[] = [];
  for (const [, block = ''] of markdown.matchAll(/^```sh\n(.*?)^```$/gms)) {
    let command = '';
    for (const line of block.split('\n')) {
      if (command === '' && (line.trim() === '' || line.startsWith('#'))) continue;
      command += (command && '\n') + line.replace(/\s+# .*$/, '');
      // It goes on after a backslash, and within quotes.
      if (command.endsWith('\\') || command.split("'").length % 2 === 0) continue;
      commands.push(command);
      command = '';
    }
    if (command !== '') throw new Error(`A command does not end: ${command}`);
  }
  return commands;
}
