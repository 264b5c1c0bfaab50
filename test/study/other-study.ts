import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STUDY = join(import.meta.dirname, '..', '..', 'studies', 'nct07265544');
const [ID, TITLE] = ['nct07265544', /^title: Single-cell.*$/m] as const;
/** Its consent forms and Questionnaires; ValueSets stay as they are. */
const OWN = /NFEC-2023-207(?=\/(icf|form)\b)/g;

/**
 * Another study made of the one under `studies/`: of another id and title, with forms of its own.
 * @param changes text → text, in any of its files; each must be there
 */
export function writeOtherStudy(root: string, id: string, changes: Readonly<Record<string, string>> = {}): void {
  cpSync(STUDY, root, { recursive: true });
  const left = new Set(Object.keys(changes));
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const file = join(root, name);
    if (!name.endsWith('.yaml') || statSync(file).isDirectory()) continue;
    let text = readFileSync(file, 'utf8').replaceAll(ID, id).replace(OWN, id).replace(TITLE, `title: ${id}`);
    for (const [from, to] of Object.entries(changes)) {
      if (text.includes(from)) left.delete(from);
      text = text.replaceAll(from, to);
    }
    writeFileSync(file, text);
  }
  if (left.size > 0) throw new Error(`not in the study: ${[...left].join(', ')}`);
}
