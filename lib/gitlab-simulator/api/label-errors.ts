import { ValidationErrors } from '../validation-errors.ts';

/** What GitLab's model finds wrong with a label, besides a taken title. */
export function labelErrors(title: string, color: string): ValidationErrors {
  const errors = new ValidationErrors();
  if (!/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) errors.add('color', 'must be a valid color code');
  if (title === '') errors.add('title', "can't be blank");
  if (title.includes(',')) errors.add('title', 'is invalid');
  if (title.length > 255) errors.add('title', 'is too long (maximum is 255 characters)');
  return errors;
}
