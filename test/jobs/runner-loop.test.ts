import { type Runner, startRunnerLoop } from '../../src/jobs/runner-loop.ts';

/** A runner whose rounds are told one by one. */
function rounds(round: (number: number) => Promise<number>) {
  const happened: string[] = [];
  let drains = 0;
  const waiting: (() => void)[] = [];
  const told = (what: string) => {
    happened.push(what);
    for (const next of waiting.splice(0)) next();
  };
  const runner: Runner = {
    async recover() {
      told('recover');
      return 0;
    },
    async drain() {
      told(`drain ${++drains}`);
      return round(drains);
    },
    async stop() {
      told('stop');
    },
  };
  const until = async (what: string) => {
    while (!happened.includes(what)) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { runner, happened, until };
}

/** Sleeps until it is woken: no time passes in these tests. */
const untilWoken = (_: number, signal: AbortSignal) =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(new Error('aborted'));
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });

test('recovers once, drains, sleeps until woken, and ends when stopped', async () => {
  const { runner, happened, until } = rounds(async () => 0);
  const loop = startRunnerLoop(runner, { failed: () => {}, sleep: untilWoken });
  await until('drain 1');
  await new Promise(setImmediate);
  loop.wake();
  await until('drain 2');
  await new Promise(setImmediate);
  expect(happened).toEqual(['recover', 'drain 1', 'drain 2']);
  await loop.stop();
  expect(happened).toEqual(['recover', 'drain 1', 'drain 2', 'stop']);
});

test('work that comes during a round is not slept over', async () => {
  const { runner, until } = rounds(async (number) => {
    if (number === 1) loop.wake();
    return 0;
  });
  const loop = startRunnerLoop(runner, { failed: () => {}, sleep: untilWoken });
  await until('drain 2');
  await loop.stop();
});

test('an outage is told, and the next round tries again', async () => {
  const errors: unknown[] = [];
  const { runner, happened, until } = rounds(async (number) => {
    if (number === 1) throw new Error('disk full');
    return 0;
  });
  const slept: number[] = [];
  const sleep = async (milliseconds: number, signal: AbortSignal) => {
    slept.push(milliseconds);
    if (slept.length > 1) await untilWoken(milliseconds, signal);
  };
  const loop = startRunnerLoop(runner, { failed: (error) => errors.push(error), sleep });
  await until('drain 2');
  await loop.stop();
  expect(errors).toMatchObject([{ message: 'disk full' }]);
  expect(happened.filter((each) => each === 'recover')).toHaveLength(1);
  expect(slept[0]).toBe(5000);
});
