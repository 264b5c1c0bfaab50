import type { Gateway } from '../../src/pipeline/gateway.ts';
import { type Listening, type ScreenedSubject, type Screening, screenAll } from '../../src/pipeline/screen.ts';
import { type WorklistRow, worklistRow } from '../../src/views/worklist.ts';

/** A screening of everybody, with all the subjects that it told of. */
export interface Heard {
  screening: Screening;
  found: ScreenedSubject[];
}

/** Screens everybody and keeps whom it tells of. */
export async function hearAll(gateway: Gateway, now: number): Promise<Heard> {
  const { found, listening } = hearing();
  return { screening: await screenAll(gateway, now, listening), found };
}

/** Keeps the subjects that a screening tells of. */
export function hearing(): { found: ScreenedSubject[]; listening: Listening } {
  const found: ScreenedSubject[] = [];
  return { found, listening: { subject: (one) => void found.push(one) } };
}

/** Their rows of the worklist, by site and patient. */
export const rowsOf = (found: readonly ScreenedSubject[]): WorklistRow[] =>
  found.map(worklistRow).sort((a, b) => (`${a.site}|${a.patient}` < `${b.site}|${b.patient}` ? -1 : 1));
