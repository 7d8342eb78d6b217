/** Why the service cannot start, for the person who has typed `npm start`: one sentence with the file and the remedy. */
export class StartError extends Error {
  override name = 'StartError';
}
