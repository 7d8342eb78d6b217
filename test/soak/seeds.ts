/** The seed that is asked for; without one another at each start, by `run.ts`, and in an editor always the same. */
export function seedOfToday(): number {
  return Number(process.env.SOAK_SEED ?? 1);
}
