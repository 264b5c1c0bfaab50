import { execute } from '../../../src/research/map/execute.ts';
import { CONTEXT, loaded, made, mapText, run, URL } from './load-map.ts';

const SUBJECT = "src.subject as s -> tgt.subject as r, r.reference = pseudonym(s, 'patient');";

describe('pseudonyms', () => {
  test.each([
    ['of a Reference', SUBJECT],
    [
      'of its text',
      "src.subject as s -> tgt.subject as r then { s.reference as t -> r.reference = pseudonym(t, 'patient'); };",
    ],
    ['in an expression', "src -> tgt.subject as r, r.reference = (src.subject.reference.pseudonym('patient'));"],
  ])('stand for the patient: %s', (_, rules) => {
    const source = { resourceType: 'Observation', subject: { reference: 'Patient/12345/_history/2', display: '张三' } };
    const result = run('Observation', rules, source);
    expect(result).toEqual({
      ok: true,
      value: { resourceType: 'Observation', subject: { reference: 'Patient/patient-of-5' } },
      unread: ['Observation.subject.display'],
      unmatched: [],
    });
  });

  test.each([
    ['of a resource', "src -> tgt.id = pseudonym(src, 'patient');"],
    ['of its id', "src.id as i -> tgt.id = pseudonym(i, 'patient');"],
    ['in an expression', "src -> tgt.id = (src.id.pseudonym('patient'));"],
  ])('stand for an id: %s', (_, rules) => {
    expect(run('Patient', rules, { resourceType: 'Patient', id: '123' })).toEqual({
      ok: true,
      value: { resourceType: 'Patient', id: 'patient-of-3' },
      unread: [],
      unmatched: [],
    });
  });

  test('name the type of their kind', () => {
    const rules = "src.subject as s -> tgt.subject as r, r.reference = pseudonym(s, 'subject');";
    expect(
      made('Observation', rules, { resourceType: 'Observation', subject: { reference: 'Patient/1' } }).subject,
    ).toEqual({
      reference: 'ResearchSubject/subject-of-1',
    });
  });

  test.each([
    'Group/1',
    '#p',
    'urn:uuid:0c4a',
    'https://ehr.example/fhir/Patient/1',
    'Patient?identifier=MRN-7',
    'Patient/unknown',
    '张三',
  ])('there is none for %s, and it does not pass', (reference) => {
    expect(run('Observation', SUBJECT, { resourceType: 'Observation', subject: { reference } })).toEqual({
      ok: true,
      value: { resourceType: 'Observation' },
      unread: [],
      unmatched: ['pseudonym patient: start > src.subject (line 5)'],
    });
  });
});

describe('translate', () => {
  const code = {
    coding: [
      { system: 'local', code: '甲胎蛋白', display: 'x' },
      { system: 'local', code: 'none' },
    ],
  };

  test('a CodeableConcept: all its codings, once each', () => {
    const rules = "src.code as c -> tgt.code = translate(c, 'labs', 'CodeableConcept');";
    const twice = { coding: [...code.coding, code.coding[0]!] };
    expect(run('Observation', rules, { resourceType: 'Observation', code: twice })).toEqual({
      ok: true,
      value: {
        resourceType: 'Observation',
        code: { coding: [{ system: 'http://loinc.org', code: '1834-1', display: 'LOINC 1834-1' }] },
      },
      unread: [],
      unmatched: ['labs: local|none'],
    });
  });

  test('a Coding, and a bare code', () => {
    const rules = `src.code as c -> tgt.code as t then { c.coding as x -> t.coding = translate(x, 'labs', 'Coding'); };
      src.language as l -> tgt.language = translate(l, 'labs', 'code');`;
    expect(made('Observation', rules, { resourceType: 'Observation', code, language: 'AFP' })).toEqual({
      resourceType: 'Observation',
      code: { coding: [{ system: 'http://loinc.org', code: '1834-1', display: 'LOINC 1834-1' }] },
      language: '1834-1',
    });
  });

  test('unmatched: nothing, not an empty concept', () => {
    const rules = "src.code as c -> tgt.code = translate(c, 'labs', 'CodeableConcept');";
    const result = run('Observation', rules, { resourceType: 'Observation', code: { text: '张三' } });
    expect(result).toEqual({ ok: true, value: { resourceType: 'Observation' }, unread: [], unmatched: [] });
  });

  test('two codes do not go where one fits', () => {
    const rules = "src.code as c then { c.coding as x -> tgt.language = translate(x, 'labs', 'code'); };";
    const result = run('Observation', rules, {
      resourceType: 'Observation',
      code: { coding: [{ system: 'local', code: 'twice' }] },
    });
    expect(result).toMatchObject({ ok: false, refusals: [{ code: 'several-values', line: 5 }] });
  });
});

test('memberOf asks for each coding', () => {
  const rules = "src.code as c where memberOf('liver') -> tgt.code = c;";
  const codes = (...list: string[]) => ({ coding: list.map((code) => ({ system: 'icd', code })) });
  const target = (code: object) => made('Condition', rules, { resourceType: 'Condition', code });
  expect(target(codes('K70', 'C22.0'))).toEqual({ resourceType: 'Condition', code: codes('K70', 'C22.0') });
  expect(target(codes('K70'))).toEqual({ resourceType: 'Condition' });
  expect(target({ text: 'C22' })).toEqual({ resourceType: 'Condition' });
});

describe('what no rule reads', () => {
  const source = {
    resourceType: 'Observation',
    id: 'x',
    status: 'final',
    _status: { extension: [] },
    code: { coding: [{ system: 's', code: 'c', display: 'd' }], text: 't' },
    valueString: 'v',
    component: [{ code: { text: 'a' } }, { code: { text: 'a' }, valueString: 'v' }],
    note: [{ text: 'n' }],
  };

  test('is named by path, also below what is read', () => {
    const rules = `src.status -> tgt.status; src.value : Quantity as v -> tgt.value = v;
      src.code as c where coding.code = 'c' and coding.where(system = 's').exists() then { c.text as t -> tgt.language = 'zh'; };
      src.component as c then { c.code as k where text = 'a' -> tgt.language = 'zh'; };`;
    expect(run('Observation', rules, source)).toMatchObject({
      ok: true,
      unread: [
        'Observation._status',
        'Observation.code.coding.display',
        'Observation.component.valueString',
        'Observation.id',
        'Observation.note',
        'Observation.valueString',
      ],
    });
  });

  test('a copy reads what it takes', () => {
    const result = run('Observation', 'src.code -> tgt.code;', {
      resourceType: 'Observation',
      code: { ...source.code, id: 'i' },
    });
    expect(result).toMatchObject({ ok: true, unread: ['Observation.code.id'] });
  });
});

test('the source is not changed, and the same source gives the same bytes', () => {
  const source = {
    resourceType: 'Observation',
    code: { coding: [{ code: 'c' }] },
    valueQuantity: { value: 1 },
    subject: { reference: 'Patient/1' },
  };
  const before = JSON.stringify(source);
  const maps = loaded(
    mapText('Observation', 'Observation', `src.code -> tgt.code; src.value -> tgt.value; ${SUBJECT}`),
  );
  const texts = [1, 2].map(() => JSON.stringify(execute(maps, URL, source, CONTEXT)));
  expect(texts[0]).toBe(texts[1]);
  expect(JSON.stringify(source)).toBe(before);
});
