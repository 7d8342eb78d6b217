import { AttributeRejectedError, UnsupportedByDestinationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { differences, quoted, type Refused } from '../engine/shown.ts';
import type { Group } from '../gitlab/api/groups.ts';

/** Writes down that the group was made without an attribute, or with a shorter one, and why. */
export function recordRejectedAttribute(
  context: PipelineContext,
  title: string,
  rejected: Refused & { attribute: string; value: unknown },
): Promise<void> {
  const { attribute, value, words, isShortened } = rejected;
  const what = isShortened ? 'with a shorter one' : 'without it';
  const advice = `The group was made ${what}. Correct it there by hand.`;
  return recordRefusedAttribute(context, title, { attribute, value, words, advice });
}

/** Writes down each attribute that the response of a write does not show as it was asked for, or not at all. */
export async function recordDifferences(
  context: PipelineContext,
  title: string,
  asked: object,
  shown: Group,
): Promise<void> {
  for (const [attribute, difference] of differences({ ...asked }, shown)) {
    const message = `At the destination ${difference}. Check whether its edition, its settings and the parent group allow it, and set it by hand.`;
    await recordOtherAttribute(context, title, attribute, message);
  }
}

/** Writes down that an attribute of what is there already was refused, and why. */
export function recordRefusedAttribute(
  context: PipelineContext,
  title: string,
  { attribute, value, words, advice }: { attribute: string; value: unknown; words: string; advice: string },
): Promise<void> {
  const message = messageText({
    before: `The destination did not take ${attribute} ${quoted(value)}: `,
    quoted: words,
    after: `. ${advice}`,
  });
  return recordAttribute(context, title, attribute, new AttributeRejectedError(message));
}

/** Writes down that the response of a write shows an attribute otherwise than asked, in words. */
export function recordOtherAttribute(
  context: PipelineContext,
  title: string,
  attribute: string,
  message: string,
): Promise<void> {
  return recordAttribute(context, title, attribute, new UnsupportedByDestinationError(message));
}

function recordAttribute(
  context: PipelineContext,
  title: string,
  attribute: string,
  error: Error,
): Promise<void> {
  return context.recordFailure('loader', { key: `attribute:${attribute}`, title }, error);
}
