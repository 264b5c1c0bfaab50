import { killAgainAndAgain } from './killing.ts';
import { killAll } from './writer-process.ts';

afterAll(killAll);

const KILLS = Number(process.env.KILLS ?? 200);
/** A store for so many kills: one that grows without end makes every look at it slower. */
const EACH = 40;
const seed = process.env.KILL_SEED ?? String(Date.now());

test.each(
  Array.from({ length: Math.ceil(KILLS / EACH) }, (_, at) => [Math.min(EACH, KILLS - at * EACH), `${seed}/${at}`]),
)(
  'killed %i times with -9, research records too (KILL_SEED %s)',
  async (kills, each) => {
    const done = await killAgainAndAgain({ kills, seed: each, research: true });
    process.stderr.write(`kill -9: ${JSON.stringify(done)}\n`);
  },
  EACH * 60_000,
);
