import type { Group } from '../gitlab/api/groups.ts';
import { AttributeRejectedError, UnsupportedByDestinationError } from '../shared/errors.ts';
import { recordFailure } from './failure-rows.ts';
import type { PipelineContext } from './pipeline.ts';
import { pipelineEntry } from './stages.ts';

type Value = string | number | boolean;

/** Longest part of a value, and of GitLab's words, in a message: with the advice it stays within 255 characters. */
const LONGEST_VALUE = 40;
const LONGEST_WORDS = 80;

/** Writes down that the group was made without an attribute, or with a shorter one, and why. */
export function recordRejectedAttribute(
  context: PipelineContext,
  title: string,
  rejected: { attribute: string; value: unknown; words: string; isShortened: boolean },
): Promise<void> {
  const { attribute, value, words, isShortened } = rejected;
  const what = isShortened ? `with it cut to what the destination takes` : 'without it';
  const message = `The destination did not take ${attribute} ${quoted(value)}: ${cut(words, LONGEST_WORDS)}. The group was made ${what}. Set it by hand at the destination where that is possible.`;
  return recordAttribute(context, title, attribute, new AttributeRejectedError(message));
}

/** Writes down each attribute that a group does not have as it was asked for. */
export async function recordDifferences(
  context: PipelineContext,
  title: string,
  asked: object,
  shown: Group,
): Promise<void> {
  for (const attribute of differences(asked, shown)) {
    const message = `The destination has ${attribute} ${quoted(shown[attribute])} although ${quoted(asked[attribute as never])} was asked for. Check whether its edition, its settings and the parent group allow it, and set it by hand.`;
    await recordAttribute(context, title, attribute, new UnsupportedByDestinationError(message));
  }
}

/**
 * The names of the attributes that the response of a write shows and that are not as they were asked for. What it does
 * not show cannot be compared; `null` is nothing: no text, or off.
 */
export function differences(asked: object, shown: Record<string, unknown>): string[] {
  return Object.entries(asked)
    .filter(([name, value]) => shown[name] !== undefined && !isSame(value, shown[name]))
    .map(([name]) => name);
}

function isSame(asked: Value, shown: unknown): boolean {
  if (typeof asked === 'boolean') return (shown ?? false) === asked;
  if (typeof asked === 'string') return String(shown ?? '').trim() === asked.trim();
  return shown === asked;
}

function recordAttribute(
  context: PipelineContext,
  title: string,
  attribute: string,
  error: Error,
): Promise<void> {
  const name = { key: `attribute:${attribute}`, title };
  return recordFailure(pipelineEntry('group'), context, 'loader', name, error);
}

function quoted(value: unknown): string {
  return `'${cut(String(value ?? ''), LONGEST_VALUE)}'`;
}

/** A text within a length, with an ellipsis where it was cut; never in the middle of a character. */
export function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
