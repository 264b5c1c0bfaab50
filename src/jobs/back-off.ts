const FIRST_MILLISECONDS = 2_000;
/** The longest wait between two attempts. */
export const LONGEST_MILLISECONDS = 15 * 60_000;

/**
 * How long to wait before trying again: doubling from 2 s to 15 min, half of it fixed and half by chance, so that many
 * that failed together do not come back together.
 * @param attempts made so far, from 1 on
 * @param random from 0 to 1
 */
export function backOff(attempts: number, random: number): number {
  const whole = Math.min(FIRST_MILLISECONDS * 2 ** Math.min(attempts - 1, 30), LONGEST_MILLISECONDS);
  return Math.round(whole / 2 + (whole / 2) * random);
}
