/** Whether something goes on that others should give way to. */
export interface Activity {
  /** Something begins; what is returned is called once it is over. */
  begin(): () => void;
  /** Something goes on, or was over a moment ago: who sends without a pause has the next request on its way. */
  busy(): boolean;
}

const MOMENT_MILLISECONDS = 10;

/** @param clock milliseconds, never going back */
export function createActivity(clock: () => number = () => performance.now()): Activity {
  let running = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    begin() {
      running++;
      return () => {
        running--;
        last = clock();
      };
    },
    busy: () => running > 0 || clock() - last < MOMENT_MILLISECONDS,
  };
}
