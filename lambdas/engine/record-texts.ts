import { TextTooLongError } from '../domain/errors.ts';
import { TEXT } from '../gitlab/budgets.ts';

/**
 * Demands that no text of a record is longer than its field can be: a longer one is the failure of its record, and of
 * no other.
 *
 * @throws TextTooLongError that names the field
 */
export function checkTexts(record: unknown, field = ''): void {
  if (typeof record === 'string') {
    const most = field in TEXT ? TEXT[field as keyof typeof TEXT] : TEXT.other;
    if (record.length > most) throw new TextTooLongError(field, record.length, most);
  } else if (Array.isArray(record)) {
    for (const element of record) checkTexts(element, field);
  } else if (isPlain(record)) {
    for (const [name, value] of Object.entries(record)) checkTexts(value, name);
  }
}

/** Not an error or the like, which a pipeline may have put beside what it has read. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
