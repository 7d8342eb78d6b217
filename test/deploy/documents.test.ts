import { describe, expect, it } from 'vitest';
import { commandsOf, DocumentedCommands } from './documents.ts';

describe('the commands of a document', () => {
  it('are the lines of its shell blocks, without remarks', () => {
    const text =
      'Run `this`:\n\n```sh\n# first\nnpm ci\n\nnpx cdk bootstrap    # once\n```\n\n```json\n{}\n```\n\n```sh\naws x\n```\n';

    expect(commandsOf(text)).toEqual(['npm ci', 'npx cdk bootstrap', 'aws x']);
  });

  it('go on after a backslash and within quotes', () => {
    const command = `curl "$ENDPOINT/x" \\\n  --data '{"a": {\n    "b": 1}}'`;

    expect(commandsOf(`\`\`\`sh\n${command}\naws x\n\`\`\`\n`)).toEqual([command, 'aws x']);
  });

  it('are refused when they do not end, rather than left out', () => {
    expect(() => commandsOf("```sh\necho 'a\n```\n")).toThrow('does not end');
  });
});

describe('the commands of the documents', () => {
  it('are taken once each, as they stand there, until none is left', async () => {
    const documents = await DocumentedCommands.read();
    const before = documents.left;

    expect(documents.take('npx cdk bootstrap')).toBe('npx cdk bootstrap');
    expect(() => documents.take('npx cdk bootstrap')).toThrow('No document has a command');
    expect(documents.left).toEqual(before.filter(command => command !== 'npx cdk bootstrap'));
  });

  it('have no reason not to run one that is in no document any more', async () => {
    expect((await DocumentedCommands.read()).staleReasons).toEqual([]);
  });
});
