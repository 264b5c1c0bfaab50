import type { r4 } from '../fhir/resource.ts';
import type { Desk } from './desk.ts';
import { EXTENSION_BASE, extensionsNamed, valueNamed } from './extension.ts';
import { ANCHOR_SETS, REQUIRED_SETS } from './language.ts';
import type { Criterion, Meaning, NamedSet, Need, Rule, Says, Words } from './model.ts';
import type { SourceFile } from './source.ts';

type Path = (string | number)[];

const VARIABLE = 'http://hl7.org/fhir/StructureDefinition/variable';
const SAYS: readonly string[] = ['met', 'not-met', 'review'];
const MEANS: readonly string[] = ['declined', 'withdrawn', 'missed-window', 'no-open-request'];
const WHEN_UNKNOWN: readonly string[] = ['hold', 'attest', 'not-applicable'];
const WHEN_NOT_MET: readonly string[] = ['ineligible', 'screening', 'nothing'];

/** Reads the named sets of an EvidenceVariable (`variable` extensions, each usable by those after it). */
export function readSets(source: SourceFile, evidence: r4.EvidenceVariable, desk: Desk): NamedSet[] {
  const sets: NamedSet[] = [];
  for (const [index, extension] of (evidence.extension ?? []).entries()) {
    if (extension.url !== VARIABLE) continue;
    const path: Path = ['extension', index, 'valueExpression'];
    const { name, language, expression } = extension.valueExpression ?? { language: undefined };
    if (!name) {
      desk.fault(source, path, 'a named set needs a name');
      continue;
    }
    const compiled = desk.expression(source, [...path, 'expression'], expression, language);
    if (/\bwithin\(/.test(expression ?? '') && !ANCHOR_SETS.every((one) => sets.some((set) => set.name === one))) {
      desk.fault(
        source,
        path,
        `within() looks back from the anchor: it may be used only after ${ANCHOR_SETS.join(' and ')}`,
      );
    }
    desk.declare(source, path, name, compiled?.types ?? []);
    if (compiled) sets.push({ name, expression: compiled });
  }
  for (const name of REQUIRED_SETS) {
    if (!sets.some((set) => set.name === name)) {
      desk.fault(source, ['extension'], `the set %${name} is required and missing (or wrong)`);
    }
  }
  return sets;
}

/** Reads the criteria: one characteristic each, the first met rule in definitionExpression, the rest in extensions. */
export function readCriteria(source: SourceFile, evidence: r4.EvidenceVariable, desk: Desk): Criterion[] {
  const criteria: Criterion[] = [];
  for (const [index, characteristic] of (evidence.characteristic ?? []).entries()) {
    const path: Path = ['characteristic', index];
    const about = extensionsNamed(characteristic, path, 'criterion')[0]?.extension;
    const id = about && valueNamed(about, 'id');
    if (!about || typeof id !== 'string') {
      desk.fault(source, path, 'the criterion extension with an id is missing');
      continue;
    }
    if (criteria.some((other) => other.id === id)) desk.fault(source, path, `the criterion ${id} is there twice`);
    const criterion: Criterion = {
      id,
      exclude: characteristic.exclude === true,
      words: { zh: text(about, 'zh'), en: characteristic.description ?? '' },
      whenUnknown: choice(about, path, 'whenUnknown', WHEN_UNKNOWN) as Criterion['whenUnknown'],
      whenNotMet: choice(about, path, 'whenNotMet', WHEN_NOT_MET) as Criterion['whenNotMet'],
      sensitive: valueNamed(about, 'sensitive') === true,
      rules: rules(characteristic, path),
      needs: needs(characteristic, path),
    };
    if (criterion.whenUnknown !== 'not-applicable' && criterion.needs.length === 0) {
      desk.fault(source, path, `${id} cannot be decided by anybody: while it is unknown no need says what is missing`);
    }
    if (
      criterion.exclude &&
      criterion.whenUnknown !== 'not-applicable' &&
      !criterion.rules.some((rule) => rule.says === 'not-met')
    ) {
      desk.fault(source, path, `${id} cannot be decided: an exclusion needs a rule that says not-met`);
    }
    criteria.push(criterion);
  }
  return criteria;

  function choice(owner: r4.Extension, path: Path, name: string, allowed: readonly string[]): string {
    const value = valueNamed(owner, name);
    if (typeof value === 'string' && allowed.includes(value)) return value;
    desk.fault(source, path, `${name} must be one of ${allowed.join(', ')}`);
    return allowed[0]!;
  }

  function rules(characteristic: r4.EvidenceVariableCharacteristic, path: Path): Rule[] {
    const first = extensionsNamed(characteristic, path, 'definition')[0];
    if (!first)
      desk.fault(
        source,
        path,
        `the ${EXTENSION_BASE}definition extension (reason and words of the first rule) is missing`,
      );
    const definition = characteristic.definitionExpression;
    const met = desk.expression(
      source,
      [...path, 'definitionExpression', 'expression'],
      definition?.expression,
      definition?.language,
    );
    const found: Rule[] =
      met && first ? [{ ...ruleHead(first.extension, first.path), says: 'met', expression: met }] : [];
    for (const { extension, path: at } of extensionsNamed(characteristic, path, 'rule')) {
      const says = valueNamed(extension, 'says');
      if (typeof says !== 'string' || !SAYS.includes(says))
        desk.fault(source, at, `says must be one of ${SAYS.join(', ')}`);
      const head = ruleHead(extension, at);
      const compiled = nested(extension, at, 'expression');
      if (compiled) found.push({ ...head, says: says as Says, expression: compiled });
    }
    return found;
  }

  function ruleHead(extension: r4.Extension, path: Path): { reason: string; means: Meaning | null; words: Words } {
    const reason = text(extension, 'reason');
    if (!/^[a-z0-9-]+$/.test(reason))
      desk.fault(source, path, 'a rule needs a reason: a code of small letters, digits and hyphens');
    const means = valueNamed(extension, 'means') ?? null;
    if (means !== null && !MEANS.includes(String(means)))
      desk.fault(source, path, `means must be one of ${MEANS.join(', ')}`);
    return { reason, means: means as Meaning | null, words: words(extension, path) };
  }

  function needs(characteristic: r4.EvidenceVariableCharacteristic, path: Path): Need[] {
    return extensionsNamed(characteristic, path, 'need').flatMap(({ extension, path: at }) => {
      const satisfiedBy = nested(extension, at, 'satisfiedBy');
      const pending = extensionsNamed(extension, at, 'pending').length > 0 ? nested(extension, at, 'pending') : null;
      const tests = extensionsNamed(extension, at, 'tests').map((test) => test.extension.valueCode ?? '');
      for (const test of tests) desk.valueSet(source, at, test);
      return satisfiedBy
        ? [{ id: text(extension, 'id'), words: words(extension, at), satisfiedBy, pending, tests }]
        : [];
    });
  }

  function nested(owner: r4.Extension, path: Path, name: string) {
    const found = extensionsNamed(owner, path, name)[0];
    const { expression, language } = found?.extension.valueExpression ?? {};
    return desk.expression(
      source,
      found ? [...found.path, 'valueExpression', 'expression'] : path,
      expression,
      language,
    );
  }

  function words(owner: r4.Extension, path: Path): Words {
    const both = { zh: text(owner, 'zh'), en: text(owner, 'en') };
    if (!both.zh || !both.en) desk.fault(source, path, 'words in zh and en are missing');
    return both;
  }
}

function text(owner: r4.Extension, name: string): string {
  const value = valueNamed(owner, name);
  return typeof value === 'string' ? value : '';
}
