import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { parse } from 'yaml';
import type { r4 } from '../fhir/resource.ts';
import { converse } from '../forms/dialogue.ts';
import { type FormFault, formFault } from '../forms/fault.ts';
import { readGiven, selectedBeforehand } from '../forms/fill.ts';
import type { Answer, Answers } from '../forms/item.ts';
import type { Signed } from '../forms/validate.ts';
import { CannotStart } from './exit.ts';

/** A form about to be filled. */
export interface FormDesk {
  form: r4.Questionnaire;
  offered: (answers: Answers) => r4.Questionnaire;
  signed: Signed;
  /** File of the scan that the answer `scan` is the hash of. */
  scan?: string | undefined;
}

/** Answers out of a YAML or JSON file, `linkId: value`; what is selected beforehand holds where nothing is said. */
export async function answersInFile(path: string, desk: FormDesk): Promise<Answers> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CannotStart('The file of --answers cannot be read.');
  });
  const { answers, faults } = readGiven(desk.form, mappingIn(text), desk.signed.zone);
  if (faults.length > 0) throw faultsOfForm(faults);
  for (const [linkId, answer] of await scanOf(desk)) answers.set(linkId, answer);
  return selectedBeforehand(desk.offered(answers), answers);
}

/** Answers asked for one by one; only where somebody sits at a terminal, unless `ask` is given. */
export async function answersAtTerminal(desk: FormDesk, ask?: (question: string) => Promise<string>): Promise<Answers> {
  const known = await scanOf(desk);
  const dialogue = { offered: desk.offered, signed: desk.signed, tell };
  if (ask) return converse(desk.form, known, { ...dialogue, ask });
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CannotStart('There is no terminal to ask at: give the answers as a file with --answers.');
  }
  // On standard error: standard output may be a file that takes the resources.
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new CannotStart('The form was left unfinished: nothing is written.')));
  });
  try {
    return await Promise.race([
      converse(desk.form, known, { ...dialogue, ask: (text) => lines.question(text) }),
      ended,
    ]);
  } finally {
    lines.close();
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the command with one line for each fault, never with an answer. */
export function faultsOfForm(faults: readonly FormFault[]): CannotStart {
  const lines = faults.map(({ linkId, code, message }) => `${linkId || '–'} (${code}): ${message}`);
  return new CannotStart(`The form is not taken in:\n${lines.join('\n')}`);
}

function mappingIn(text: string): Record<string, unknown> {
  let value: unknown = null;
  try {
    value = parse(text);
  } catch {
    // Told below: what the parser says would repeat the text.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new CannotStart('The file of --answers must be YAML or JSON: one `linkId: value` for each answer.');
}

async function scanOf({ form, scan }: FormDesk): Promise<Map<string, readonly Answer[]>> {
  if (scan === undefined) return new Map();
  if (!form.item?.some(({ linkId }) => linkId === 'scan')) throw faultsOfForm([formFault('scan', 'unknown-item')]);
  const bytes = await readFile(scan).catch(() => {
    throw new CannotStart('The file of --scan cannot be read.');
  });
  return new Map([['scan', [{ valueString: createHash('sha256').update(bytes).digest('hex') }]]]);
}
