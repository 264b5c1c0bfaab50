import type { r4 } from '../fhir/resource.ts';
import type { CollectionRules } from '../study/collection.ts';
import type { AskCode } from './words.ts';

/** The kit id of a specimen, of the form the profile StudySpecimen lets pass; two different ones are none. */
export function kitOf(
  { identifier = [] }: r4.Specimen,
  { kit }: Pick<CollectionRules, 'kit'>,
): { kit: string | null; ask: AskCode | null } {
  const values = new Set(
    identifier.filter(({ system }) => system === kit.system).map(({ value }) => value?.trim() ?? ''),
  );
  const [value] = values;
  if (value === undefined) return { kit: null, ask: 'kit-missing' };
  if (values.size > 1 || !kit.form.test(value)) return { kit: null, ask: 'kit-malformed' };
  return { kit: value, ask: null };
}
