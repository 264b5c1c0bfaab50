import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BASE = 'https://study-gateway.example/StructureDefinition/';
const fhirpath = (expression: string) => ({ language: 'text/fhirpath', expression });
const both = (zh: string, en: string) => [
  { url: 'zh', valueString: zh },
  { url: 'en', valueString: en },
];

/** Writes a small study of actinic keratosis: one ValueSet, two criteria, one group; nothing of the liver in it. */
export function writeSkinStudy(root: string, { lesionSet = 'keratosis' } = {}): void {
  const write = (file: string, content: object) => writeFileSync(join(root, file), JSON.stringify(content, null, 2));
  write('study.json', {
    resourceType: 'ResearchStudy',
    id: 'skin1',
    title: 'Actinic keratosis',
    status: 'active',
    period: { start: '2025-01-01', end: '2025-12-31' },
    arm: [{ name: 'Lesion' }],
    extension: [
      { url: `${BASE}consent-form-base`, valueUri: 'https://skin.example.org/icf' },
      { url: `${BASE}timezone`, valueCode: 'Europe/Berlin' },
    ],
  });
  write('keratosis.json', {
    resourceType: 'ValueSet',
    id: 'keratosis',
    url: 'https://skin.example.org/ValueSet/keratosis',
    status: 'active',
    compose: { include: [{ system: 'http://snomed.info/sct', concept: [{ code: '201101007' }] }] },
  });
  write('parameters.json', parameters('parameters', [{ name: 'adultAge', valueInteger: 18 }]));
  write('consent-forms.json', parameters('consent-forms', [consentForm()]));
  write('measurement.json', parameters('measurement', []));
  write('eligibility.json', eligibility(lesionSet));
  write('groups.json', plan('groups', [{ title: 'Lesion', condition: applies('%lesion') }]));
  write('flags.json', plan('flags', []));
  writeFileSync(
    join(root, 'text-rules.yaml'),
    'clauseBreaks: "[,，。;；]"\nnegation: { before: [无, "no"] }\nrules:\n  - { concept: keratosis, any: [日光性角化], tokens: [角化] }\n',
  );
}

/** Writes the site `skin`, whose own code AK stands for the lesion. */
export function writeSkinSite(root: string): void {
  mkdirSync(join(root, 'skin'));
  const site = {
    id: 'skin',
    name: 'Skin clinic',
    timezone: 'Europe/Berlin',
    status: 'active',
    fhirBase: 'https://skin.example.org/fhir',
    systems: { diagnosis: 'https://skin.example.org/cs/dx' },
    conceptMaps: ['map.yaml'],
  };
  writeFileSync(join(root, 'skin/site.yaml'), JSON.stringify(site, null, 2));
  const target = [{ code: '201101007', equivalence: 'equivalent' }];
  const map = {
    resourceType: 'ConceptMap',
    group: [{ source: 'site:diagnosis', target: 'http://snomed.info/sct', element: [{ code: 'AK', target }] }],
  };
  writeFileSync(join(root, 'skin/map.yaml'), JSON.stringify(map, null, 2));
}

function parameters(name: string, parameter: object[]) {
  return { resourceType: 'Parameters', id: `skin1-${name}`, ...(parameter.length > 0 && { parameter }) };
}

function consentForm() {
  const part = [
    { name: 'version', valueString: '1' },
    { name: 'obliges', valueCode: 'none' },
    { name: 'inForceFrom', part: [{ name: 'date', valueDate: '2025-01-01' }] },
  ];
  return { name: 'form', part };
}

function plan(name: string, action: object[]) {
  return {
    resourceType: 'PlanDefinition',
    id: `skin1-${name}`,
    status: 'active',
    ...(action.length > 0 && { action }),
  };
}

function applies(expression: string) {
  return [{ kind: 'applicability', expression: fhirpath(expression) }];
}

function eligibility(lesionSet: string) {
  const sets = {
    lesion: `%conditions.where(current() and code.memberOf('${lesionSet}'))`,
    diseaseEvidence: `(%conditions | %provisional).where(code.memberOf('${lesionSet}') or suggests('keratosis'))`,
    rootOnly: '%conditions.where(false)',
    studyRequests: '%requests.where(inEnrolment())',
    requestsOutside: '%requests.where(inEnrolment().not())',
    openRequests: '%studyRequests.where(isOrder() and isOpen(%procedures, 14))',
    qualifyingProcedures: '%procedures.where(inEnrolment())',
    proceduresAfterConsent: '%qualifyingProcedures.where(notBefore(%consents))',
  };
  const variable = 'http://hl7.org/fhir/StructureDefinition/variable';
  return {
    resourceType: 'EvidenceVariable',
    id: 'skin1-eligibility',
    status: 'active',
    extension: Object.entries(sets).map(([name, expression]) => ({
      url: variable,
      valueExpression: { name, ...fhirpath(expression) },
    })),
    characteristic: [
      criterion('LESION', false, '%lesion', 'lesion-confirmed', [
        rule('review', 'lesion-suggested', "%conditions.where(suggests('keratosis'))"),
        need('lesion', '%lesion'),
      ]),
      criterion('CHILD', true, '%patient.where(agedNow(0, 17))', 'child', [
        rule('not-met', 'grown-up', '%patient.where(agedNow(%adultAge, 150))'),
        need('birth-date', '%patient.where(birthDate.exists())'),
      ]),
    ],
  };
}

function criterion(id: string, exclude: boolean, met: string, reason: string, extension: object[]) {
  const about = [
    { url: 'id', valueCode: id },
    { url: 'zh', valueString: id },
    { url: 'whenUnknown', valueCode: 'hold' },
    { url: 'whenNotMet', valueCode: exclude ? 'nothing' : 'ineligible' },
  ];
  return {
    description: id,
    exclude,
    definitionExpression: fhirpath(met),
    extension: [
      { url: `${BASE}criterion`, extension: about },
      { url: `${BASE}definition`, extension: [{ url: 'reason', valueCode: reason }, ...both(reason, reason)] },
      ...extension,
    ],
  };
}

function rule(says: string, reason: string, expression: string) {
  const head = [
    { url: 'says', valueCode: says },
    { url: 'reason', valueCode: reason },
  ];
  const selects = { url: 'expression', valueExpression: fhirpath(expression) };
  return { url: `${BASE}rule`, extension: [...head, ...both(reason, reason), selects] };
}

function need(id: string, satisfiedBy: string) {
  const satisfied = { url: 'satisfiedBy', valueExpression: fhirpath(satisfiedBy) };
  return { url: `${BASE}need`, extension: [{ url: 'id', valueCode: id }, ...both(id, id), satisfied] };
}
