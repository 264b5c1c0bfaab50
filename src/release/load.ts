import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudyFault } from '../study/fault.ts';
import type { Checked } from '../study/model.ts';
import { parseSource } from '../study/source.ts';
import type { Agreement } from './agreement.ts';
import { type Known, readAgreement } from './read-agreement.ts';

const FILE = /^([a-z][a-z0-9-]{1,39})\.yaml$/;

/**
 * Reads every `<root>/<id>.yaml`; all mistakes come back with file, line and path. A folder that is not there holds no
 * agreement. Two agreements of one registry must not hold on the same day.
 * @returns by id
 */
export async function loadAgreements(root: string, known: Known): Promise<Checked<ReadonlyMap<string, Agreement>>> {
  const faults: StudyFault[] = [];
  const agreements = new Map<string, Agreement>();
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((one) => /\.(ya?ml|json)$/.test(one)).sort()) {
    const id = FILE.exec(name)?.[1];
    if (!id) {
      const message = 'name the file <id>.yaml: 2 to 40 small letters, digits and hyphens';
      faults.push({ file: name, line: null, path: '', message });
      continue;
    }
    const parsed = parseSource(name, await readFile(join(root, name), 'utf8'));
    faults.push(...parsed.faults);
    if (parsed.faults.length === 0) agreements.set(id, readAgreement(parsed.file, id, known, faults));
  }
  faults.push(...overlaps([...agreements.values()]));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: agreements };
}

function overlaps(all: readonly Agreement[]): StudyFault[] {
  return all.flatMap((one, index) =>
    all.slice(index + 1).flatMap((other) => {
      const apart = one.legalBasis.until < other.legalBasis.from || other.legalBasis.until < one.legalBasis.from;
      if (apart || one.registry !== other.registry) return [];
      const message = `another agreement with this registry holds on the same days: ${one.id}`;
      return [{ file: `${other.id}.yaml`, line: null, path: 'legalBasis', message }];
    }),
  );
}
