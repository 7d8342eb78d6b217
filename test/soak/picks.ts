/** Numbers that look like chance and are the same for the same seed. */
export interface Picks {
  /** From 0 to 1, without 1. */
  fraction: () => number;
  /** A whole number from 0 on and below `count`. The seed 0 always picks 0. */
  below: (count: number) => number;
}

/** Mulberry32, by Tommy Ettinger: a whole generator of good numbers in three lines. */
export function picks(seed: number): Picks {
  let state = seed;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { fraction, below: count => (seed === 0 ? 0 : Math.floor(fraction() * count)) };
}
