import { killAgainAndAgain } from './killing.ts';
import { killAll } from './writer-process.ts';

afterAll(killAll);

test('killed 25 times with -9 at random moments: what was acknowledged is there, nothing twice', async () => {
  const seed = process.env.KILL_SEED ?? String(Date.now());
  process.stderr.write(`kill -9: KILL_SEED=${seed}\n`);
  const killed = await killAgainAndAgain({ kills: 25, seed });
  process.stderr.write(`kill -9: ${JSON.stringify(killed)}\n`);
}, 180_000);
