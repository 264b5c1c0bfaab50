import { type Evaluate, openEvaluation } from './evaluation.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await openEvaluation();
});

const condition = (code: object, more: object = {}) => ({ resourceType: 'Condition', id: 'c', code, ...more });
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const holds = (expression: string, resource: object) =>
  evaluate(expression, { resources: [resource] }).items.length === 1;

describe('memberOf', () => {
  test.each<[string, object, boolean]>([
    ['SNOMED', coded('http://snomed.info/sct', '197321007'), true],
    ['ICD-10', coded('http://hl7.org/fhir/sid/icd-10', 'K76.0'), true],
    ['the hospital’s own code', coded('https://nf.example.cn/cs/dx', 'DX0201'), true],
    ['another hospital’s code', coded('https://ya.example.cn/cs/dx', 'DX0201'), false],
    ['another disease', coded('https://nf.example.cn/cs/dx', 'DX1001'), false],
    ['a text', { text: '脂肪肝' }, false],
    ['nothing', {}, false],
  ])('%s', (_name, code, answer) => {
    expect(holds("%conditions.where(code.memberOf('fatty-liver'))", condition(code))).toBe(answer);
  });

  test('one coding among several is enough', () => {
    const code = { coding: [{ code: 'x' }, { system: 'http://hl7.org/fhir/sid/icd-10', code: 'K76.0' }] };
    expect(holds("%conditions.where(code.memberOf('fatty-liver'))", condition(code))).toBe(true);
  });
});

describe('suggests', () => {
  const ASK = "(%conditions | %reports).where(suggests('fatty-liver'))";
  test.each<[string, object, boolean]>([
    ['a text', condition({ text: '脂肪肝' }), true],
    ['a negated text', condition({ text: '未见脂肪肝' }), false],
    ['the family', condition({ text: '父亲脂肪肝' }), false],
    [
      'a code is no suggestion',
      condition({ ...coded('http://hl7.org/fhir/sid/icd-10', 'K76.0'), text: '脂肪肝' }),
      false,
    ],
    ['a display of an unknown code', condition({ coding: [{ system: 'urn:x', code: '1', display: '脂肪肝' }] }), true],
    [
      'a report',
      { resourceType: 'DiagnosticReport', id: 'd', status: 'final', code: { text: 'CT' }, conclusion: '脂肪肝' },
      true,
    ],
    [
      'a preliminary report',
      { resourceType: 'DiagnosticReport', id: 'd', status: 'preliminary', code: {}, conclusion: '脂肪肝' },
      false,
    ],
  ])('%s', (_name, resource, answer) => {
    expect(holds(ASK, resource)).toBe(answer);
  });
});

describe('current', () => {
  const status = (code: string) => ({ clinicalStatus: { coding: [{ code }] } });
  test.each<[string, object, boolean]>([
    ['active', status('active'), true],
    ['recurrence', status('recurrence'), true],
    ['relapse', status('relapse'), true],
    ['inactive', status('inactive'), false],
    ['remission', status('remission'), false],
    ['resolved', status('resolved'), false],
    ['no status', {}, true],
    ['no status, abated', { abatementDateTime: '2020' }, false],
    ['no status, abated at an age', { abatementString: 'childhood' }, false],
  ])('%s', (_name, more, answer) => {
    expect(holds('%conditions.where(current())', condition({ text: 'x' }, more))).toBe(answer);
  });
});
