import fc from 'fast-check';
import type { CollectionContext } from '../../src/collection/about.ts';
import { type DrawPerson, drawsDue } from '../../src/collection/draws.ts';
import { surgeriesOf } from '../../src/collection/surgery.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { about, at, blood, booked, born, consent, contextOf, operated, type Told } from './people.ts';

let context: CollectionContext;
beforeAll(async () => {
  context = await contextOf();
});

const NOW = at('2025-06-01T08:00:00+08:00').start;
const NINE = at('2025-06-02T09:00:00+08:00').start;
const person = ({ specimens = [], status = 'eligible', ...more }: Told<DrawPerson> = {}): DrawPerson => ({
  ...about({ surgeries: [booked('2025-06-02T09:00:00+08:00')], ...more }),
  specimens,
  status,
});
const states = (more: Told<DrawPerson>, now = NOW) =>
  drawsDue(person(more), context, now).map(({ surgery, state }) => `${surgery} ${state}`);

describe('announced', () => {
  test('when an operation is booked: by when, and how much', () => {
    expect(drawsDue(person(), context, NOW)).toEqual([
      { surgery: 'ServiceRequest/r1', state: 'due', by: NINE, atLeastMl: 30, atMostMl: null, deviation: null },
    ]);
    const child = { birth: born('2013-01-01'), weightKg: 20 };
    expect(drawsDue(person(child), context, NOW)).toMatchObject([{ atLeastMl: null, atMostMl: 48 }]);
    expect(drawsDue(person({ ...child, birth: null }), context, NOW)).toMatchObject([
      { atLeastMl: null, atMostMl: null },
    ]);
  });

  test('for everybody consented, and for the eligible; for nobody else', () => {
    expect(states({ status: 'screening' })).toEqual(['ServiceRequest/r1 due']);
    expect(states({ status: 'on-study' })).toEqual(['ServiceRequest/r1 due']);
    expect(states({ status: 'screening', consents: [] })).toEqual([]);
    expect(states({ status: 'screening', consents: [consent('2025-06-05')] })).toEqual([]);
    expect(states({ status: 'eligible', consents: [] })).toEqual(['ServiceRequest/r1 blocked']);
    for (const status of ['ineligible', 'not-registered', 'withdrawn', 'off-study', null]) {
      expect(states({ status })).toEqual([]);
    }
    expect(states({ withdrawn: true })).toEqual([]);
    expect(states({ enrolledInError: true })).toEqual([]);
  });

  test('blocked until a new signature', () => {
    expect(states({ guardianEnded: true })).toEqual(['ServiceRequest/r1 blocked']);
    expect(states({ collectionWaitsFrom: NOW })).toEqual(['ServiceRequest/r1 blocked']);
    expect(states({ collectionWaitsFrom: NOW + 1 })).toEqual(['ServiceRequest/r1 due']);
  });

  test('until it is drawn; blood of an earlier operation is not it', () => {
    expect(states({ specimens: [blood('2025-06-01T07:00:00+08:00')] })).toEqual(['ServiceRequest/r1 drawn']);
    expect(states({ specimens: [blood('2025-06-01', { status: 'entered-in-error' })] })).toEqual([
      'ServiceRequest/r1 due',
    ]);
    const surgeries = [operated('2025-05-10', 'Procedure/p0'), booked('2025-06-02')];
    const consents = [consent('2025-05-01')];
    expect(states({ surgeries, consents, specimens: [blood('2025-05-09')] })).toEqual([
      'Procedure/p0 drawn',
      'ServiceRequest/r1 due',
    ]);
  });

  test('once for what lies on one day; a booking without a time only where none has one', () => {
    const twice = [booked('2025-06-02T09:00:00+08:00', 'Procedure/p1'), booked('2025-06-02', 'ServiceRequest/r1')];
    expect(states({ surgeries: [...twice, booked(null, 'ServiceRequest/r2')] })).toEqual(['ServiceRequest/r1 due']);
    expect(states({ surgeries: [booked(null)] })).toEqual(['ServiceRequest/r1 due']);
  });
});

describe('missed', () => {
  const begun = { surgeries: [operated('2025-06-02T09:00:00+08:00')] };

  test('once it has begun, with consent and without blood', () => {
    expect(drawsDue(person(begun), context, NINE)).toEqual([
      {
        surgery: 'Procedure/p1',
        state: 'missed',
        by: NINE,
        atLeastMl: 30,
        atMostMl: null,
        deviation: {
          code: 'missed',
          words: { zh: '手术已开始，未采术前血', en: 'The procedure started and no blood was drawn before it' },
        },
      },
    ]);
    expect(states(begun, NINE - 1)).toEqual([]);
    expect(states({ ...begun, status: 'off-study' }, NINE)).toEqual(['Procedure/p1 missed']);
  });

  test('not without a consent that was certainly in force, and not of those who owe none', () => {
    expect(states({ ...begun, consents: [] }, NINE)).toEqual([]);
    expect(states({ ...begun, consents: [consent('2025-06-02')] }, NINE)).toEqual([]);
    expect(states({ ...begun, consents: [consent('2025-06-03')] }, NINE)).toEqual([]);
    expect(states({ ...begun, status: 'ineligible' }, NINE)).toEqual([]);
  });

  test('blood drawn too late is marked itself; blood of an unknown time leaves it open', () => {
    expect(states({ ...begun, specimens: [blood('2025-06-02T10:00:00+08:00')] }, NINE)).toEqual(['Procedure/p1 drawn']);
    expect(states({ ...begun, specimens: [blood(null)] }, NINE)).toEqual([]);
  });
});

describe('operations of a person', () => {
  const RESECTION = { coding: [{ system: 'https://nf.example.cn/cs/op', code: 'OP5022' }] };
  const resource = (resourceType: string, id: string, rest: object) => ({ resourceType, id, ...rest }) as FhirResource;
  const order = (id: string, rest: object = {}) =>
    resource('ServiceRequest', id, { intent: 'order', status: 'active', code: RESECTION, ...rest });
  const found = (...resources: FhirResource[]) => surgeriesOf(resources, context);

  test('begun, in preparation, ordered', () => {
    expect(
      found(
        order('r1', { occurrenceDateTime: '2025-07-01' }),
        resource('Procedure', 'p2', { status: 'preparation', code: RESECTION }),
        resource('Procedure', 'p1', {
          status: 'completed',
          code: RESECTION,
          performedPeriod: { start: '2025-06-02T09:00:00+08:00', end: '2025-06-02T12:00:00+08:00' },
        }),
      ),
    ).toEqual([
      { reference: 'Procedure/p1', started: true, start: at('2025-06-02T09:00:00+08:00') },
      { reference: 'Procedure/p2', started: false, start: null },
      { reference: 'ServiceRequest/r1', started: false, start: at('2025-07-01') },
    ]);
  });

  test('what takes place nowhere is none', () => {
    const gallbladder = { coding: [{ system: 'https://nf.example.cn/cs/op', code: 'OP5123' }] };
    expect(
      found(
        order('a', { status: 'revoked' }),
        order('b', { status: 'completed' }),
        order('c', { intent: 'proposal' }),
        order('d', { doNotPerform: true }),
        order('e', { code: gallbladder }),
        resource('Procedure', 'f', { status: 'not-done', code: RESECTION }),
        resource('Procedure', 'g', { status: 'entered-in-error', code: RESECTION }),
        resource('Procedure', 'h', { status: 'completed', code: gallbladder }),
      ),
    ).toEqual([]);
  });

  test('an appointment gives an order its time', () => {
    const appointment = (id: string, status: string, start: string) =>
      resource('Appointment', id, { status, start, basedOn: [{ reference: 'ServiceRequest/r1' }] });
    expect(
      found(
        order('r1', { authoredOn: '2025-05-20' }),
        appointment('a', 'cancelled', '2025-06-01T09:00:00+08:00'),
        appointment('c', 'booked', '2025-06-09T09:00:00+08:00'),
        appointment('b', 'booked', '2025-06-02T09:00:00+08:00'),
      ),
    ).toEqual([{ reference: 'ServiceRequest/r1', started: false, start: at('2025-06-02T09:00:00+08:00') }]);
  });

  test('an order is answered by the operation that names it, or that began on its day or later', () => {
    const done = (rest: object) => resource('Procedure', 'p', { status: 'in-progress', code: RESECTION, ...rest });
    const references = (...resources: FhirResource[]) => found(...resources).map(({ reference }) => reference);
    const june = order('r', { occurrenceDateTime: '2025-06-02' });
    expect(references(june, done({ performedDateTime: '2025-06-02T07:00:00+08:00' }))).toEqual(['Procedure/p']);
    expect(references(june, done({ performedDateTime: '2025-06-01T15:59:00Z' }))).toEqual([
      'Procedure/p',
      'ServiceRequest/r',
    ]);
    expect(references(june, done({ basedOn: [{ reference: 'ServiceRequest/r' }] }))).toEqual(['Procedure/p']);
    expect(references(order('r', { authoredOn: '2025-05-20' }), done({ performedDateTime: '2025-05-21' }))).toEqual([
      'Procedure/p',
    ]);
    expect(references(order('r'), done({ performedDateTime: '2025-05-21' }))).toEqual([
      'Procedure/p',
      'ServiceRequest/r',
    ]);
  });
});

test('the order of operations, consents and specimens never matters', () => {
  const surgeries = [
    operated('2025-06-02T09:00:00+08:00'),
    booked('2025-06-02', 'ServiceRequest/r1'),
    booked('2025-07-01', 'ServiceRequest/r2'),
    booked('2025-07-01', 'Procedure/p9'),
    booked(null, 'ServiceRequest/r3'),
    operated('2025-05-20', 'Procedure/p2'),
    operated(null, 'Procedure/p3'),
  ];
  const specimens = ['2025-06-01', '2025-06-11', '2025-06-30'].map((day, index) => blood(day, { id: `s${index}` }));
  const part = <T>(list: T[]) =>
    fc
      .subarray(list)
      .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })));
  fc.assert(
    fc.property(part(surgeries), part(specimens), (operations, drawn) => {
      const [first, second] = [0, 1].map((index) =>
        drawsDue(person({ surgeries: operations[index]!, specimens: drawn[index]! }), context, NINE),
      );
      expect(second).toEqual(first);
    }),
    { numRuns: 150 },
  );
});
