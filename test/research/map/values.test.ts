import { made, refusedWith } from './load-map.ts';

const CREATE_REFERENCE = "src.subject as s -> tgt.subject = create('Reference') as r then {";

describe('choice elements', () => {
  const copy = 'src.value as v -> tgt.value = v;';
  test.each([
    [{ valueQuantity: { value: 12.5, unit: 'ng/mL' } }],
    [{ valueCodeableConcept: { coding: [{ system: 's', code: 'neg' }], text: '阴性' } }],
    [{ valueString: '阳性' }],
    [{ valueBoolean: false }],
    [{ valueInteger: 0 }],
    [{ valueDateTime: '2024-05' }],
    [{ valuePeriod: { start: '2024' } }],
    [{}],
  ])('%j keeps its type', (value) => {
    const source = { resourceType: 'Observation', ...value };
    expect(made('Observation', copy, source)).toEqual(source);
    expect(made('Observation', 'src.value -> tgt.value;', source)).toEqual(source);
  });

  test('are narrowed to one type', () => {
    const rules =
      "src.value : Quantity as q -> tgt.value = create('Quantity') as t then { q.value as v -> t.value = v; };";
    expect(made('Observation', rules, { resourceType: 'Observation', valueQuantity: { value: 3, unit: 'x' } })).toEqual(
      {
        resourceType: 'Observation',
        valueQuantity: { value: 3 },
      },
    );
    expect(made('Observation', rules, { resourceType: 'Observation', valueString: '3' })).toEqual({
      resourceType: 'Observation',
    });
  });

  test('take a wider type when only that is there', () => {
    const rules = 'src.birthDate as b -> tgt.deceased = b;';
    expect(made('Patient', rules, { resourceType: 'Patient', birthDate: '1970-02' })).toEqual({
      resourceType: 'Patient',
      deceasedDateTime: '1970-02',
    });
  });

  test('hold one value', () => {
    const rules = "src -> tgt.value = 'a'; src -> tgt.value = create('Quantity') as q, q.value = 1;";
    expect(refusedWith('Observation', rules, { resourceType: 'Observation' })).toEqual(['set-twice 5']);
    const reversed = "src -> tgt.value = create('Quantity') as q, q.value = 1;\nsrc -> tgt.value = 'a';";
    expect(refusedWith('Observation', reversed, { resourceType: 'Observation' })).toEqual(['set-twice 6']);
  });
});

describe('copies of datatypes', () => {
  test('leave ids, extensions and what R4 does not know behind, at every level', () => {
    const code = {
      id: 'x1',
      extension: [{ url: 'u', valueString: '张三' }],
      coding: [
        { id: 'x2', system: 's', code: 'c', _code: { extension: [{ url: 'u', valueString: '张三' }] }, name: '张三' },
      ],
      _text: { extension: [] },
      text: 't',
    };
    expect(made('Observation', 'src.code -> tgt.code;', { resourceType: 'Observation', code })).toEqual({
      resourceType: 'Observation',
      code: { coding: [{ system: 's', code: 'c' }], text: 't' },
    });
  });

  test('leave out parts that are not what R4 says', () => {
    const code = { coding: [{ system: { name: '张三' }, code: 'c' }], text: ['t', { a: 1 }] };
    expect(made('Observation', 'src.code -> tgt.code;', { resourceType: 'Observation', code })).toEqual({
      resourceType: 'Observation',
      code: { coding: [{ code: 'c' }], text: ['t'] },
    });
  });

  test('keep the order of repeats and drop what is empty', () => {
    const source = {
      resourceType: 'Observation',
      category: [{ text: 'b' }, { id: 'x' }, { text: 'a' }],
      status: 'final',
    };
    expect(made('Observation', 'src.category -> tgt.category; src.status -> tgt.status;', source)).toEqual({
      resourceType: 'Observation',
      category: [{ text: 'b' }, { text: 'a' }],
      status: 'final',
    });
  });

  test('nested elements of Timing with their choices', () => {
    const occurrenceTiming = { repeat: { boundsPeriod: { start: '2024', id: 'x' }, frequency: 2, id: 'y' } };
    expect(
      made('ServiceRequest', 'src.occurrence : Timing as o -> tgt.occurrence = o;', {
        resourceType: 'ServiceRequest',
        occurrenceTiming,
      }),
    ).toEqual({
      resourceType: 'ServiceRequest',
      occurrenceTiming: { repeat: { boundsPeriod: { start: '2024' }, frequency: 2 } },
    });
  });
});

describe('transforms', () => {
  const patient = { resourceType: 'Patient', birthDate: '1970-02-28', deceasedDateTime: '2024-05-01T23:30:00+08:00' };

  test('cc, c, qty, id', () => {
    const rules = `
      src -> tgt.code = cc('http://loinc.org', '1834-1', 'AFP');
      src -> tgt.category = cc('text only');
      src -> tgt.interpretation as i, i.coding = c('s', 'H'), i.coding = c('s', 'HH', 'very high');
      src.value : integer as v -> tgt.value = qty(v, 'ng/mL', 'http://unitsofmeasure.org', 'ng/mL');
      src -> tgt.identifier = id('urn:s', 'v');`;
    expect(made('Observation', rules, { resourceType: 'Observation', valueInteger: 7 })).toEqual({
      resourceType: 'Observation',
      code: { coding: [{ system: 'http://loinc.org', code: '1834-1', display: 'AFP' }] },
      category: [{ text: 'text only' }],
      interpretation: [
        {
          coding: [
            { system: 's', code: 'H' },
            { system: 's', code: 'HH', display: 'very high' },
          ],
        },
      ],
      valueQuantity: { value: 7, unit: 'ng/mL', system: 'http://unitsofmeasure.org', code: 'ng/mL' },
      identifier: [{ system: 'urn:s', value: 'v' }],
    });
  });

  test('cp, append, literals of all kinds', () => {
    const rules = `
      src -> tgt.telecom = cp('email', 'study@example.org'), tgt.telecom = cp('120');
      src.gender as g -> tgt.language = append('x-', g, '-', 1);
      src -> tgt.active = true, tgt.multipleBirth = 2, tgt.birthDate = '1970', tgt.gender = "other";`;
    expect(made('Patient', rules, { resourceType: 'Patient', gender: 'male' })).toEqual({
      resourceType: 'Patient',
      telecom: [{ system: 'email', value: 'study@example.org' }, { value: '120' }],
      language: 'x-male-1',
      active: true,
      multipleBirthInteger: 2,
      birthDate: '1970',
      gender: 'other',
    });
  });

  test.each([
    [4, '1970-02-28', '1970'],
    [7, '1970-02-28', '1970-02'],
    [7, '1970', '1970'],
    [10, '1970-02', '1970-02'],
  ])('truncate to %i: %s becomes %s', (length, birthDate, expected) => {
    const rules = `src.birthDate as b -> tgt.birthDate = truncate(b, ${length});`;
    expect(made('Patient', rules, { resourceType: 'Patient', birthDate }).birthDate).toBe(expected);
  });

  test('truncate of a text counts characters, of a dateTime keeps the day as written', () => {
    const rules =
      'src.deceased : dateTime as d -> tgt.birthDate = truncate(d, 10), tgt.language = truncate("𠮷野家", 2);';
    expect(made('Patient', rules, patient)).toEqual({
      resourceType: 'Patient',
      birthDate: '2024-05-01',
      language: '𠮷野',
    });
  });

  test.each([
    ['positiveInt', '2147483647', 2147483647],
    ['integer', '-3', -3],
    ['decimal', '1.5e1', 15],
    ['boolean', 'false', false],
    ['date', '2024-05-01T23:30:00+08:00', '2024-05-01'],
    ['date', '2024-05', '2024-05'],
    ['dateTime', '2024', '2024'],
    ['time', '08:30:00', '08:30:00'],
    ['code', 'a b', 'a b'],
  ])('cast to %s of %j', (type, valueString, expected) => {
    const rules = `src.parameter as p -> tgt.parameter as t then { p.value : string as v -> t.value = cast(v, '${type}'); };`;
    const result = made('Parameters', rules, { resourceType: 'Parameters', parameter: [{ name: 'n', valueString }] });
    expect(result).toEqual({
      resourceType: 'Parameters',
      parameter: [{ [`value${type.charAt(0).toUpperCase()}${type.slice(1)}`]: expected }],
    });
  });

  test.each([
    ['positiveInt', '0'],
    ['positiveInt', '2147483648'],
    ['integer', '1.5'],
    ['integer', ' 1'],
    ['boolean', 'yes'],
    ['date', '2024-02-30'],
    ['date', '张三'],
    ['code', ' a'],
    ['id', 'a_b'],
  ])('cast to %s refuses %j', (type, valueString) => {
    const rules = `src.parameter as p -> tgt.parameter as t then {\n p.value : string as v -> t.value = cast(v, '${type}'); };`;
    const source = { resourceType: 'Parameters', parameter: [{ name: 'n', valueString }] };
    expect(refusedWith('Parameters', rules, source)).toEqual(['cast-failed 6']);
  });

  test('cast of numbers and booleans to string', () => {
    const rules = `src.value : integer as v -> tgt.value = cast(v, 'string');`;
    expect(made('Observation', rules, { resourceType: 'Observation', valueInteger: 5 }).valueString).toBe('5');
  });

  test('evaluate: over the rule variables, in focus, several into a repeating element', () => {
    const rules = `
      src.name as n -> tgt.name as t, t.given = (%n.given.where($this != '三').upper()), t.text = evaluate(n, family & '!');
      src -> tgt.language = (src.name.first().family + '-' + src.gender);`;
    const source = {
      resourceType: 'Patient',
      gender: 'male',
      name: [{ family: 'zh', given: ['a', '三'] }, { family: 'li' }],
    };
    expect(refusedWith('Patient', rules, source)).toEqual([]);
    expect(made('Patient', rules, source)).toEqual({
      resourceType: 'Patient',
      name: [{ given: ['A'], text: 'zh!' }, { text: 'li!' }],
      language: 'zh-male',
    });
  });

  test('evaluate: several values do not go into an element that does not repeat', () => {
    const rules = 'src -> tgt.language = (src.name.family);';
    const source = { resourceType: 'Patient', name: [{ family: 'a' }, { family: 'b' }] };
    expect(refusedWith('Patient', rules, source)).toEqual(['several-values 5']);
  });

  test('evaluate: a failure is a refusal without the value', () => {
    const rules = 'src -> tgt.language = (src.name.family.upper());';
    const source = { resourceType: 'Patient', name: [{ family: '张' }, { family: '李' }] };
    expect(refusedWith('Patient', rules, source)).toEqual(['expression-failed 5']);
  });

  test('evaluate: a datatype it selects is copied like one', () => {
    const rules = 'src -> tgt.code = (src.code.where(text.exists()));';
    const code = { text: 't', extension: [{ url: 'u', valueString: '张三' }] };
    expect(made('Observation', rules, { resourceType: 'Observation', code })).toEqual({
      resourceType: 'Observation',
      code: { text: 't' },
    });
  });

  test('reference to a contained resource and to the target', () => {
    const rules = `
      src -> tgt.id = 'o1', tgt.contained = create('Specimen') as s, s.id = 'sp', tgt.specimen as r, r.reference = reference(s);
      src -> tgt.focus as f, f.reference = reference(tgt);`;
    expect(made('Observation', rules, { resourceType: 'Observation' })).toEqual({
      resourceType: 'Observation',
      id: 'o1',
      contained: [{ resourceType: 'Specimen', id: 'sp' }],
      specimen: { reference: '#sp' },
      focus: [{ reference: 'Observation/o1' }],
    });
    const early = 'src -> tgt.focus as f, f.reference = reference(tgt);';
    expect(refusedWith('Observation', early, { resourceType: 'Observation' })).toEqual(['reference-without-id 5']);
  });
});

describe('a part that does not repeat', () => {
  test('is the same for all rules, and takes equal values twice', () => {
    const rules = `${CREATE_REFERENCE} s.display as d -> r.display = d; };
      src -> tgt.subject as r, r.display = 'x', r.type = 'Patient';`;
    const source = { resourceType: 'Observation', subject: { display: 'x' } };
    expect(made('Observation', rules, source)).toEqual({
      resourceType: 'Observation',
      subject: { display: 'x', type: 'Patient' },
    });
    expect(refusedWith('Observation', rules, { resourceType: 'Observation', subject: { display: 'y' } })).toEqual([
      'set-twice 6',
    ]);
  });

  test('is one for primitives too, whether named first or filled first', () => {
    const fill = (value: string) => `\nsrc -> tgt.language as l, l.value = '${value}';`;
    expect(made('Patient', fill('a') + fill('a'), { resourceType: 'Patient' }).language).toBe('a');
    expect(refusedWith('Patient', fill('a') + fill('b'), { resourceType: 'Patient' })).toEqual(['set-twice 7']);
    const given = "\nsrc -> tgt.language = 'a';";
    expect(made('Patient', given + fill('a') + given, { resourceType: 'Patient' }).language).toBe('a');
    expect(refusedWith('Patient', given + fill('b'), { resourceType: 'Patient' })).toEqual(['set-twice 7']);
    expect(refusedWith('Patient', fill('b') + given, { resourceType: 'Patient' })).toEqual(['set-twice 7']);
  });

  test('is not there when nothing was put into it', () => {
    const result = made('Observation', `${CREATE_REFERENCE} s.display as d -> r.display = d; };`, {
      resourceType: 'Observation',
      subject: { reference: 'Patient/1' },
    });
    expect(JSON.stringify(result)).toBe('{"resourceType":"Observation"}');
  });
});
