import { backOff } from './back-off.ts';

/** Keeps away from a server that does not work, and then tries it with one request before all. */
export interface Breaker {
  /** Whether somebody may ask now. Once it was open, one alone may until it is told how that went. */
  mayAsk(): boolean;
  /** Nothing was asked after all. */
  idle(): void;
  /** The server answered. */
  worked(): void;
  /** It did not. @param rest milliseconds for which it asks to be left alone; null when it does not say */
  failed(rest: number | null): void;
  /** It does not work for anybody, and more asking is of no use: opens at once. */
  down(rest: number | null): void;
}

/** Failures one after another that open it. */
const FAILURES = 5;

/** @param random from 0 to 1 */
export function createBreaker(clock: () => number, random: () => number): Breaker {
  let failures = 0;
  /** How often it opened since the server last answered. */
  let openings = 0;
  let until = 0;
  let probing = false;

  function open(rest: number | null): void {
    // What was on its way when it opened says nothing new.
    const fresh = clock() >= until;
    if (fresh) openings++;
    if (fresh || rest !== null) until = Math.max(until, clock() + (rest ?? backOff(openings, random())));
    probing = false;
  }

  return {
    mayAsk() {
      if (clock() < until || probing) return false;
      probing = openings > 0;
      return true;
    },
    idle() {
      probing = false;
    },
    worked() {
      [failures, openings, until, probing] = [0, 0, 0, false];
    },
    failed(rest) {
      failures++;
      if (rest !== null || openings > 0 || failures >= FAILURES) open(rest);
    },
    down(rest) {
      failures++;
      open(rest);
    },
  };
}
