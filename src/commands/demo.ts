import { join } from 'node:path';
import { EXIT } from './exit.ts';
import { HOME } from './place.ts';
import { screen } from './screen.ts';

/** The bundled synthetic feed: its expectations hold on this day. */
const AS_OF = '2025-06-01';

/** Screens the bundled feed. Its few broken lines are part of the show, so setting them aside is no failure. */
export async function demo(options: { out: string }): Promise<number> {
  const code = await screen([join(HOME, 'demo', 'feed')], {
    study: ['nct07265544'],
    sites: join(HOME, 'sites'),
    asOf: AS_OF,
    out: options.out,
    format: 'table',
  });
  return code === EXIT.setAside ? EXIT.done : code;
}
