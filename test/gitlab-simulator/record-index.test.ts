import { expect, it } from 'vitest';
import { RecordIndex } from '../../lib/gitlab-simulator/record-index.ts';

interface Named {
  name: string;
}

it('finds records that were added after the first look-up', () => {
  const index = new RecordIndex<Named, string>(record => record.name);
  const records = [{ name: 'a' }];

  expect(index.find(records, 'b')).toBeUndefined();
  records.push({ name: 'b' });

  expect(index.find(records, 'b')).toBe(records[1]);
});

it('no longer finds records that were removed', () => {
  const index = new RecordIndex<Named, string>(record => record.name);
  const records = [{ name: 'a' }, { name: 'b' }];
  index.find(records, 'a');

  records.shift();

  expect(index.find(records, 'a')).toBeUndefined();
  expect(index.find(records, 'b')).toBe(records[0]);
});

it('finds records by their new key once the array was forgotten', () => {
  const index = new RecordIndex<Named, string>(record => record.name);
  const record = { name: 'a' };
  const records = [record];
  index.find(records, 'a');

  record.name = 'b';
  index.forget(records);

  expect(index.find(records, 'a')).toBeUndefined();
  expect(index.find(records, 'b')).toBe(record);
});
