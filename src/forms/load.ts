import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { r4 } from '../fhir/resource.ts';
import type { StudyFault } from '../study/fault.ts';
import type { Checked, Study } from '../study/model.ts';
import { pathText } from '../study/path.ts';
import { readSources } from '../study/source.ts';
import { type FormPath, faultsOf } from './check.ts';
import { urlOf } from './respond.ts';

const FOLDER = 'forms';

/**
 * The forms of a study: the Questionnaires in `forms/` of its folder, by canonical url; none when there is no such
 * folder. Every mistake comes back with file, line and path. The study was loaded before, so their shape is R4's.
 * @param root folder of the study
 */
export async function loadForms(
  root: string,
  study: Pick<Study, 'forms'>,
): Promise<Checked<ReadonlyMap<string, r4.Questionnaire>>> {
  const forms = new Map<string, r4.Questionnaire>();
  const folder = join(root, FOLDER);
  if (!(await stat(folder).catch(() => null))?.isDirectory()) return { ok: true, value: forms };
  const read = await readSources(folder);
  const faults: StudyFault[] = read.faults.map((fault) => ({ ...fault, file: join(FOLDER, fault.file) }));
  for (const source of read.files) {
    const fault = (path: FormPath, message: string) => {
      faults.push({ file: join(FOLDER, source.file), line: source.lineOf(path), path: pathText(path), message });
    };
    const form = source.value as r4.Questionnaire | null;
    if (form === null) continue;
    if (form.resourceType !== 'Questionnaire') fault([], 'only Questionnaires stand here');
    else if (!form.url || !form.id) fault([], 'a form needs an id and a url');
    else if (forms.has(form.url)) fault(['url'], 'two forms have this url');
    else {
      forms.set(form.url, form);
      faultsOf(form, study, fault);
    }
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: forms };
}

/** The form a response answers; null when the study has no such form. */
export function formFor(
  response: Pick<r4.QuestionnaireResponse, 'questionnaire'>,
  forms: ReadonlyMap<string, r4.Questionnaire>,
): r4.Questionnaire | null {
  return forms.get(urlOf(response) ?? '') ?? null;
}
