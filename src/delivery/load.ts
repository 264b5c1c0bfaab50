import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudyFault } from '../study/fault.ts';
import type { Checked } from '../study/model.ts';
import { pathSteps } from '../study/path.ts';
import { parseSource } from '../study/source.ts';
import type { Target } from './target.ts';
import { targetOf } from './target-file.ts';

/**
 * Reads every `<root>/<id>.yaml`, in order of name; every mistake of all of them at once. A folder that is not there
 * holds no targets.
 * @param sites ids of the sites that are known
 */
export async function loadTargets(root: string, sites: ReadonlySet<string>): Promise<Checked<readonly Target[]>> {
  const targets: Target[] = [];
  const faults: StudyFault[] = [];
  const names = await readdir(root).catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((one) => /\.ya?ml$/.test(one)).sort()) {
    const parsed = parseSource(name, await readFile(join(root, name), 'utf8'));
    faults.push(...parsed.faults);
    if (parsed.faults.length > 0) continue;
    const { target, faults: found } = targetOf(parsed.file.value, sites);
    for (const { path, message } of found)
      faults.push({ file: name, line: parsed.file.lineOf(pathSteps(path)), path, message });
    const expected = name.replace(/\.ya?ml$/, '');
    if (target.id !== expected && found.every(({ path }) => path !== 'id'))
      faults.push({
        file: name,
        line: parsed.file.lineOf(['id']),
        path: 'id',
        message: `the id must be the file's name, ${expected}`,
      });
    targets.push(target);
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: targets };
}
