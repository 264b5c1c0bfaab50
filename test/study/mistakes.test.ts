import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyFault } from '../../src/study/fault.ts';
import { loadStudy } from '../../src/study/load.ts';
import { copyOf, removeFolders, replaceIn, STUDY } from './copied-folder.ts';

afterAll(removeFolders);

const ELIGIBILITY = 'eligibility.yaml';
/** Where the rule `consent-withdrawn` of I1 stands. */
const WITHDRAWN = 'characteristic[0].extension[3]';

async function faultsOf(root: string): Promise<StudyFault[]> {
  const read = await loadStudy(root);
  return read.ok ? [] : read.faults;
}

interface Mistake {
  name: string;
  /** Mistakes of one round are made together in one copy: their faults must come together. */
  round: 'form' | 'text' | 'content';
  file: string;
  from: string;
  to: string;
  path: string;
  message: string | RegExp;
  /** How many lines above the replacement the thing stands that the fault names. */
  above?: number;
}

const MISTAKES: Mistake[] = [
  {
    name: 'a path R4 has not',
    round: 'content',
    file: ELIGIBILITY,
    from: "%conditions.where(code.memberOf('focal-nodular-hyperplasia')).where",
    to: "%conditions.where(kode.memberOf('focal-nodular-hyperplasia')).where",
    path: 'extension[4].valueExpression.expression',
    message: 'R4 has no element "kode" in Condition (column 19 of the expression)',
  },
  {
    name: 'a ValueSet that is not there',
    round: 'content',
    file: ELIGIBILITY,
    from: "%conditions.where(code.memberOf('hiv'))",
    to: "%conditions.where(code.memberOf('hiv-infection'))",
    path: 'extension[50].valueExpression.expression',
    message: 'there is no ValueSet "hiv-infection" (column 33 of the expression)',
  },
  {
    name: 'a variable that is not there',
    round: 'content',
    file: ELIGIBILITY,
    from: '"%decidingConsents.where(status = \'active\' and %consentSatisfied.empty()).where(periodOver())"',
    to: '"%decidingConsent"',
    path: 'characteristic[0].extension[5].extension[4].valueExpression.expression',
    message: 'there is no variable %decidingConsent (column 1 of the expression)',
  },
  {
    name: 'a forbidden function',
    round: 'content',
    file: ELIGIBILITY,
    from: '"%decidingConsents.where(status = \'active\' and dateTime.empty())"',
    to: '"%decidingConsents.where(dateTime = today())"',
    path: 'characteristic[0].extension[9].extension[4].valueExpression.expression',
    message: /^today\(\) may not be used: it depends on the machine; .*\(column 36 of the expression\)$/,
  },
  {
    name: 'an expression that is no FHIRPath',
    round: 'content',
    file: ELIGIBILITY,
    from: "\"%decidingConsents.where(status = 'active' and formObliges() = 'all')\"",
    to: '"%decidingConsents.where("',
    path: 'characteristic[0].extension[8].extension[4].valueExpression.expression',
    message: /^the expression cannot be read: /,
  },
  {
    name: 'another expression language',
    round: 'content',
    file: ELIGIBILITY,
    from: 'text/fhirpath, expression: "%decidingConsents.where(status = \'active\' and provision.type.empty())"',
    to: 'text/cql, expression: "%decidingConsents.where(status = \'active\' and provision.type.empty())"',
    path: 'characteristic[0].extension[10].extension[4].valueExpression.expression',
    message: 'expressions must be text/fhirpath, not text/cql',
  },
  {
    name: 'a wrong says',
    round: 'content',
    file: ELIGIBILITY,
    from: '- { url: says, valueCode: not-met }\n          - { url: reason, valueCode: consent-withdrawn }',
    to: '- { url: says, valueCode: never }\n          - { url: reason, valueCode: consent-withdrawn }',
    path: WITHDRAWN,
    message: 'says must be one of met, not-met, review',
    above: 2,
  },
  {
    name: 'a wrong means',
    round: 'content',
    file: ELIGIBILITY,
    from: '{ url: means, valueCode: withdrawn }',
    to: '{ url: means, valueCode: gone }',
    path: WITHDRAWN,
    message: 'means must be one of declined, withdrawn, missed-window, no-open-request',
    above: 4,
  },
  {
    name: 'a reason that is no code',
    round: 'content',
    file: ELIGIBILITY,
    from: '{ url: reason, valueCode: consent-withdrawn }',
    to: '{ url: reason, valueCode: Consent_Withdrawn }',
    path: WITHDRAWN,
    message: 'a rule needs a reason: a code of small letters, digits and hyphens',
    above: 3,
  },
  {
    name: 'words in one language only',
    round: 'content',
    file: ELIGIBILITY,
    from: '{ url: en, valueString: "Consent withdrawn" }',
    to: '{ url: note, valueString: "Consent withdrawn" }',
    path: WITHDRAWN,
    message: 'words in zh and en are missing',
    above: 6,
  },
  {
    name: 'a set of a name that is taken',
    round: 'content',
    file: ELIGIBILITY,
    from: '{ name: fnh, language',
    to: '{ name: hemangioma, language',
    path: 'extension[4].valueExpression',
    message: 'the variable %hemangioma exists already',
  },
  {
    name: 'a group that is no arm',
    round: 'content',
    file: 'groups.yaml',
    from: 'title: HBV',
    to: 'title: Hepatitis',
    path: 'action[1]',
    message: 'the group "Hepatitis" is no arm of the study (Normal, FattyLiver, Fibrosis, HBV)',
  },
  {
    name: 'a code without quotes',
    round: 'form',
    file: 'valuesets/platelets.yaml',
    from: 'code: "777-3"',
    to: 'code: 50.10',
    path: 'compose.include[0].concept[0].code',
    message: /put it in quotes, or 50\.10 is read as a number/,
  },
  {
    name: 'a file that is no YAML',
    round: 'form',
    file: 'flags.yaml',
    from: 'title: malignancy',
    to: 'title: "malignancy',
    path: '',
    message: /^YAML: /,
  },
  {
    name: 'an element R4 has not',
    round: 'form',
    file: ELIGIBILITY,
    from: 'type: dichotomous\n',
    to: 'colour: red\ntype: dichotomous\n',
    path: 'colour',
    message: /^R4 has no such element here\./,
  },
  {
    name: 'a code R4 does not allow',
    round: 'form',
    file: 'study.yaml',
    from: 'status: active',
    to: 'status: recruiting',
    path: 'status',
    message: /^The code is none of those R4 allows here \(active, .*withdrawn\)/,
  },
  {
    name: 'a consent form without its date of force',
    round: 'content',
    file: 'consent-forms.yaml',
    from: '{ name: inForceFrom, part: [{ name: site, valueString: "*" }, { name: date, valueDate: "2023-11-20" }] }',
    to: '{ name: note, valueString: "from November on" }',
    path: 'parameter[1]',
    message: 'v2.0: no date of force',
    above: 9,
  },
  {
    name: 'a consent form that obliges nobody knows whom',
    round: 'content',
    file: 'consent-forms.yaml',
    from: 'valueCode: before-collection',
    to: 'valueCode: some',
    path: 'parameter[2]',
    message: 'a consent form needs a version, and obliges: none, before-collection or all',
    above: 3,
  },
  {
    name: 'a scale for no ValueSet',
    round: 'content',
    file: 'measurement.yaml',
    from: 'valueString: fibrosis-stage-ishak',
    to: 'valueString: fibrosis-ishak',
    path: 'parameter[3]',
    message: 'there is no ValueSet "fibrosis-ishak"',
    above: 2,
  },
  {
    name: 'a parameter without a value',
    round: 'content',
    file: 'parameters.yaml',
    from: 'name: hivWindowDays\n    valueInteger: 90',
    to: 'name: hivWindowDays',
    path: 'parameter[1]',
    message: 'a parameter needs a number, a text or a boolean',
  },
  {
    name: 'a text rule for no ValueSet',
    round: 'text',
    file: 'text-rules.yaml',
    from: 'concept: cirrhosis\n',
    to: 'concept: cirrosis\n',
    path: '',
    message: 'The study has no ValueSet of this id.',
  },
];

describe.each(['form', 'text', 'content'] as const)(
  'mistakes of the round %s, all in one run, give file, line, path and what to do',
  (round) => {
    const made = MISTAKES.filter((mistake) => mistake.round === round);
    const lines = new Map<Mistake, number>();
    let faults: StudyFault[] = [];

    beforeAll(async () => {
      const root = copyOf(STUDY);
      for (const mistake of made) lines.set(mistake, replaceIn(root, mistake.file, mistake.from, mistake.to));
      faults = await faultsOf(root);
    });

    test.each(made)('$name', (mistake) => {
      const { file, path, message, above = 0 } = mistake;
      expect(faults).toContainEqual({
        file,
        line: lines.get(mistake)! - above,
        path: path === '' ? expect.any(String) : path,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      });
    });
  },
);

/** Cuts from the first line that holds `from` up to (without) the next that holds `until`. */
function cut(root: string, file: string, from: string, until: string): void {
  const path = join(root, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const first = lines.findIndex((line) => line.includes(from));
  const last = lines.findIndex((line, index) => index > first && line.includes(until));
  if (first < 0 || last < 0) throw new Error(`not in ${file}: ${from} … ${until}`);
  writeFileSync(path, [...lines.slice(0, first), ...lines.slice(last)].join('\n'));
}

function lineOf(root: string, file: string, text: string): number {
  return (
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}

test('what is left out is named where it should stand: needs, a not-met rule, a required set, the group of an arm', async () => {
  const root = copyOf(STUDY);
  // The need of E4 is the last thing in the file.
  const path = join(root, ELIGIBILITY);
  const text = readFileSync(path, 'utf8');
  const need = text.lastIndexOf('      - url: https://study-gateway.example/StructureDefinition/need');
  writeFileSync(path, text.slice(0, need));
  replaceIn(
    root,
    ELIGIBILITY,
    '{ url: says, valueCode: not-met }\n          - { url: reason, valueCode: suitable }',
    '{ url: says, valueCode: review }\n          - { url: reason, valueCode: suitable }',
  );
  replaceIn(root, ELIGIBILITY, '{ name: requestsOutside,', '{ name: requestsElsewhere,');
  cut(root, 'groups.yaml', '- title: HBV', '- title: FattyLiver');
  const e4 = lineOf(root, ELIGIBILITY, 'The investigator deems the person unsuitable');
  expect(await faultsOf(root)).toEqual([
    {
      file: ELIGIBILITY,
      line: lineOf(root, ELIGIBILITY, 'extension:') + 2,
      path: 'extension',
      message: 'the set %requestsOutside is required and missing (or wrong)',
    },
    {
      file: ELIGIBILITY,
      line: e4,
      path: 'characteristic[7]',
      message: 'E4 cannot be decided by anybody: while it is unknown no need says what is missing',
    },
    {
      file: ELIGIBILITY,
      line: e4,
      path: 'characteristic[7]',
      message: 'E4 cannot be decided: an exclusion needs a rule that says not-met',
    },
    {
      file: 'groups.yaml',
      line: lineOf(root, 'groups.yaml', '- title: Fibrosis'),
      path: 'action',
      message: 'no action says who belongs to the arm HBV',
    },
  ]);
});

test('JSON is read as well, and its faults have lines', async () => {
  const root = copyOf(STUDY);
  const json = {
    resourceType: 'ValueSet',
    id: 'extra',
    url: 'https://ncct.example.cn/NFEC-2023-207/ValueSet/extra',
    status: 'active',
    compose: { include: [{ system: 'http://loinc.org', concept: [{ code: '777-3' }] }] },
  };
  writeFileSync(join(root, 'valuesets/extra.json'), JSON.stringify(json, null, 2));
  expect(await faultsOf(root)).toEqual([]);
  writeFileSync(join(root, 'valuesets/extra.json'), JSON.stringify({ ...json, status: 'ready' }, null, 2));
  expect(await faultsOf(root)).toContainEqual(
    expect.objectContaining({ file: 'valuesets/extra.json', line: 5, path: 'status' }),
  );
});
