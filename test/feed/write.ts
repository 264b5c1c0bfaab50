import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Feed, generateFeed } from './generate.ts';
import { AS_OF } from './story.ts';

/** The seed of the committed demo feed. */
export const DEMO_SEED = 'NFEC-2023-207';

/** Content of `demo/expected.json`: what the demo's table must show for whom. */
export function expectedJson(feed: Feed): string {
  const { people, quarantined } = feed;
  return `${JSON.stringify({ asOf: AS_OF, timezone: 'Asia/Shanghai', seed: DEMO_SEED, quarantined, people }, null, 1)}\n`;
}

/** Writes `feed/*` and `expected.json` under `demo`, and removes files of an earlier feed. */
function writeDemo(demo: string): void {
  const folder = join(demo, 'feed');
  mkdirSync(folder, { recursive: true });
  const feed = generateFeed({ seed: DEMO_SEED });
  for (const stale of readdirSync(folder)) if (!(stale in feed.files)) rmSync(join(folder, stale));
  for (const [name, content] of Object.entries(feed.files)) writeFileSync(join(folder, name), content);
  writeFileSync(join(demo, 'expected.json'), expectedJson(feed));
}

if (import.meta.main) writeDemo(join(import.meta.dirname, '..', '..', 'demo'));
