import type { r4 } from '../../src/fhir/resource.ts';
import { FORM_FAULTS } from '../../src/forms/fault.ts';
import {
  BLOOD,
  CONSENT,
  type Desk,
  EVENT,
  EXAMINATION,
  faults,
  formOf,
  meant,
  openDesk,
  respond,
} from './study-forms.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});

type Change = (response: r4.QuestionnaireResponse) => void;
const changed = (response: r4.QuestionnaireResponse, change: Change) => {
  const copy = structuredClone(response);
  change(copy);
  return copy;
};
const itemOf = (response: r4.QuestionnaireResponse, linkId: string) =>
  response.item!.find((one) => one.linkId === linkId)!;

describe('of the response as a whole', () => {
  test.each<[string, Change, string[]]>([
    ['in progress', (one) => Object.assign(one, { status: 'in-progress' }), ['not-finished']],
    ['stopped', (one) => Object.assign(one, { status: 'stopped' }), ['not-finished']],
    ['no id', (one) => Reflect.deleteProperty(one, 'id'), ['no-id']],
    ['no version', (one) => Object.assign(one, { meta: {} }), ['unversioned']],
    ['a version that orders nothing', (one) => Object.assign(one, { meta: { versionId: 'a1' } }), ['unversioned']],
    ['no author', (one) => Reflect.deleteProperty(one, 'author'), ['unsigned']],
    ['the patient as author', (one) => Object.assign(one, { author: { reference: 'Patient/1' } }), ['unsigned']],
    ['no time of signing', (one) => Reflect.deleteProperty(one, 'authored'), ['unsigned']],
    ['a year of signing', (one) => Object.assign(one, { authored: '2025' }), ['unsigned']],
    ['no subject', (one) => Reflect.deleteProperty(one, 'subject'), ['no-subject']],
    ['a group as subject', (one) => Object.assign(one, { subject: { reference: 'Group/1' } }), ['no-subject']],
    ['a contained subject', (one) => Object.assign(one, { subject: { reference: '#p' } }), ['no-subject']],
    ['a subject by name', (one) => Object.assign(one, { subject: { display: '张三' } }), ['no-subject']],
    ['another form', (one) => Object.assign(one, { questionnaire: 'https://else.example/form' }), ['other-form']],
    ['no form', (one) => Reflect.deleteProperty(one, 'questionnaire'), ['other-form']],
    ['two at once', (one) => Object.assign(one, { status: 'stopped', meta: {} }), ['not-finished', 'unversioned']],
  ])('%s', (_, change, wanted) => {
    expect(faults(desk, 'specimen', changed(respond(desk, 'specimen', BLOOD), change))).toEqual(wanted);
  });

  test.each<[string, Change]>([
    ['meta with a version number alone', (one) => Object.assign(one, { meta: { versionId: '3' } })],
    ['meta with a time alone', (one) => Object.assign(one, { meta: { lastUpdated: '2025-06-01T04:00:00Z' } })],
    ['a subject by identifier', (one) => Object.assign(one, { subject: { identifier: { value: '1' } } })],
    ['a subject of the same Bundle', (one) => Object.assign(one, { subject: { reference: 'urn:uuid:1-2' } })],
    ['another version of the form', (one) => Object.assign(one, { questionnaire: `${one.questionnaire}0` })],
  ])('not: %s', (_, change) => {
    expect(faults(desk, 'specimen', changed(respond(desk, 'specimen', BLOOD), change))).toEqual([]);
  });
});

describe('of questions and answers', () => {
  const answer = (linkId: string, ...answers: r4.QuestionnaireResponseItemAnswer[]) => ({ linkId, answer: answers });

  test.each<[string, string, object, Change, string[]]>([
    [
      'an unknown question',
      'specimen',
      BLOOD,
      (one) => one.item!.push(answer('weight', { valueDecimal: 1 })),
      ['weight unknown-item'],
    ],
    [
      'one that names somebody',
      'specimen',
      BLOOD,
      (one) => one.item!.push(answer('张三 1990', { valueDecimal: 1 })),
      ['? unknown-item'],
    ],
    [
      'a question in the wrong group',
      'examination',
      EXAMINATION,
      (one) => itemOf(one, 'signs').item!.push(answer('height', { valueDecimal: 170 })),
      ['height unknown-item'],
    ],
    [
      'a question inside a question',
      'specimen',
      BLOOD,
      (one) => {
        itemOf(one, 'volume').answer![0]!.item = [answer('mass', { valueDecimal: 1 })];
      },
      ['mass unknown-item'],
    ],
    ['a question twice', 'specimen', BLOOD, (one) => one.item!.push(itemOf(one, 'volume')), ['volume item-repeated']],
    [
      'two answers to one',
      'specimen',
      BLOOD,
      (one) => itemOf(one, 'volume').answer!.push({ valueDecimal: 20 }),
      ['volume answer-repeated'],
    ],
    [
      'another type',
      'specimen',
      BLOOD,
      (one) => Object.assign(itemOf(one, 'volume'), answer('volume', { valueString: '30 mL' })),
      ['volume wrong-type'],
    ],
    [
      'two values in one answer',
      'specimen',
      BLOOD,
      (one) => Object.assign(itemOf(one, 'volume').answer![0]!, { valueInteger: 30 }),
      ['volume wrong-type'],
    ],
    [
      'an answer without a value',
      'specimen',
      BLOOD,
      (one) => Object.assign(itemOf(one, 'volume'), answer('volume', {})),
      ['volume wrong-type'],
    ],
    [
      'a group that is answered',
      'examination',
      EXAMINATION,
      (one) => Object.assign(itemOf(one, 'signs'), answer('signs', { valueBoolean: true })),
      ['signs wrong-type'],
    ],
    [
      'an option of another system',
      'specimen',
      BLOOD,
      (one) => Object.assign(itemOf(one, 'position').answer![0]!.valueCoding!, { system: 'urn:else' }),
      ['position not-an-option'],
    ],
    [
      'an unknown option',
      'consent',
      CONSENT,
      (one) => Object.assign(itemOf(one, 'version').answer![0]!.valueCoding!, { code: 'v4.0' }),
      ['version not-an-option'],
    ],
    [
      'words where options are closed',
      'consent',
      CONSENT,
      (one) => Object.assign(itemOf(one, 'decision'), answer('decision', { valueString: 'permit' })),
      ['decision wrong-type', 'purpose not-asked', 'scan not-asked'],
    ],
  ])('%s', (_, id, given, change, wanted) => {
    expect(faults(desk, id, changed(respond(desk, id, { ...given }), change))).toEqual(wanted);
  });

  test.each<[string, string, Readonly<Record<string, unknown>>, string[]]>([
    ['a kit id of another form', 'specimen', { ...BLOOD, 'kit-id': '张三-1' }, ['kit-id malformed']],
    ['a hash that is none', 'consent', { ...CONSENT, scan: 'AB' }, ['scan malformed']],
    ['an event in too many words', 'adverse-event', { ...EVENT, term: '血'.repeat(201) }, ['term malformed']],
    ['a volume below zero', 'specimen', { ...BLOOD, volume: -1 }, ['volume out-of-range']],
    ['a height in metres', 'examination', { ...EXAMINATION, height: 1.7 }, ['height out-of-range']],
    ['a weight of tons', 'examination', { ...EXAMINATION, weight: 401 }, ['weight out-of-range']],
    ['a month', 'specimen', { ...BLOOD, collected: '2025-05' }, ['collected malformed']],
    ['a day that does not exist', 'specimen', { ...BLOOD, collected: '2025-02-30' }, ['collected malformed']],
    ['a time after signing', 'specimen', { ...BLOOD, collected: '2025-06-01 12:06' }, ['collected after-signature']],
    ['a day after signing', 'consent', { ...CONSENT, signed: '2025-06-02' }, ['signed after-signature']],
    ['a reference to another type', 'specimen', { ...BLOOD, procedure: 'ServiceRequest/1' }, ['procedure malformed']],
    ['words instead of a reference', 'adverse-event', { ...EVENT, procedure: '肝穿刺' }, ['procedure malformed']],
  ])('%s', (_, id, given, wanted) => {
    expect(faults(desk, id, respond(desk, id, given))).toEqual(wanted);
  });

  test('within the skew of clocks a time is not after signing', () => {
    expect(faults(desk, 'specimen', respond(desk, 'specimen', { ...BLOOD, collected: '2025-06-01 12:05' }))).toEqual(
      [],
    );
  });

  test.each<[string, string, Readonly<Record<string, unknown>>, string[]]>([
    ['nothing at all', 'specimen', {}, ['kit-id missing', 'kind missing', 'collected missing']],
    [
      'blood without volume and position',
      'specimen',
      { ...BLOOD, volume: null, position: '' },
      ['volume missing', 'position missing'],
    ],
    [
      'tissue with a volume',
      'specimen',
      { ...BLOOD, kind: '119376003' },
      ['volume not-asked', 'position not-asked', 'tissue-position missing'],
    ],
    ['a guardian without relationship', 'consent', { ...CONSENT, signer: '监护人' }, ['relationship missing']],
    ['a patient with one', 'consent', { ...CONSENT, relationship: 'MTH' }, ['relationship not-asked']],
    [
      'a permit without purposes and scan',
      'consent',
      { ...CONSENT, purpose: null, scan: null },
      ['purpose missing', 'scan missing'],
    ],
    ['a refusal with purposes', 'consent', { ...CONSENT, decision: 'deny', scan: null }, ['purpose not-asked']],
    ['a sign that nobody tells of', 'examination', { ...EXAMINATION, jaundice: null }, ['jaundice missing']],
    ['half a blood pressure', 'examination', { ...EXAMINATION, systolic: 120 }, ['diastolic missing']],
    ['relation without procedure', 'adverse-event', { ...EVENT, relatedness: 'Related' }, ['relatedness not-asked']],
    ['a criterion left open', 'adverse-event', { ...EVENT, death: null }, ['death missing']],
  ])('%s', (_, id, given, wanted) => {
    expect(faults(desk, id, respond(desk, id, given))).toEqual(wanted);
  });
});

test('every code of a fault is known, and no message repeats an answer', () => {
  const response = respond(desk, 'consent', { ...CONSENT, scan: 'secret' });
  const responded = meant(desk, 'consent', response);
  expect(responded).toEqual({
    ok: false,
    faults: [{ linkId: 'scan', code: 'malformed', message: FORM_FAULTS.malformed }],
  });
});

test('a Questionnaire that says nothing of what it gives is a mistake of the program', () => {
  const { code: _, ...form } = formOf(desk, 'consent');
  expect(() =>
    meant({ ...desk, forms: new Map([['x', form]]) }, 'consent', respond(desk, 'consent', CONSENT)),
  ).toThrow();
});
