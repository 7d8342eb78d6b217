let lastId = 0;

/** An id that nothing in the test file's table has yet. */
export function newId(): number {
  lastId += 1;
  return lastId;
}
