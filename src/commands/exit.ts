/** Exit codes of every command (README, "Exit codes"). */
export const EXIT = {
  done: 0,
  /** Done, but something was set aside. */
  setAside: 1,
  /** Could not start: an argument, the study, the sites, the store or the keys are wrong. */
  cannotStart: 2,
  /** A fault of the program or the machine; nothing half-written stays. */
  fault: 3,
} as const;

/** Ends a command that cannot start; the message says what to do. */
export class CannotStart extends Error {}
