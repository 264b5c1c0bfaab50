import { killAgainAndAgain } from './killing.ts';
import { killAll } from './writer-process.ts';

afterAll(killAll);

// The zone of the process has no say in what is durable: in the second run of the tests a few kills are enough.
const kills = process.env.TZ === 'Asia/Shanghai' ? 5 : 25;

test(`killed ${kills} times with -9 at random moments: what was acknowledged is there, and nothing twice`, async () => {
  const seed = process.env.KILL_SEED ?? String(Date.now());
  process.stderr.write(`kill -9: KILL_SEED=${seed}\n`);
  const done = await killAgainAndAgain({ kills, seed, research: false });
  process.stderr.write(`kill -9: ${JSON.stringify(done)}\n`);
}, 600_000);
