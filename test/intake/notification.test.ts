import fc from 'fast-check';
import { readNotification } from '../../src/intake/notification.ts';
import { NOTIFICATION_FAULTS } from '../../src/intake/notification-fault.ts';
import { BASE, notificationBundle } from './notifications.ts';

const read = (body: unknown, path: { type: string; id: string } | null = null) =>
  readNotification(body, { path, bases: [BASE] });
const head = { subscription: 'Subscription/admission', status: 'active', eventsSinceSubscriptionStart: 2 };
const sentAt = '2025-06-01T11:44:13.188-05:00';

describe('plain deliveries of R4', () => {
  const patient = { resourceType: 'Patient', id: 'p1' };
  const TYPE = 'Resource.resourceType';

  test('nothing, a name, a resource', () => {
    expect(read(null)).toStrictEqual({ kind: 'empty' });
    expect(read({})).toStrictEqual({ kind: 'empty' });
    expect(read(null, { type: 'Patient', id: 'p1' })).toStrictEqual({
      kind: 'resource',
      reference: 'Patient/p1',
      resource: null,
    });
    for (const path of [null, { type: 'Patient', id: 'p1' }]) {
      expect(read(patient, path)).toStrictEqual({ kind: 'resource', reference: 'Patient/p1', resource: patient });
    }
  });

  test.each([
    ['an address of another resource', patient, { type: 'Patient', id: 'p2' }, 'id-mismatch', 'Patient.id'],
    ['an address that names none', null, { type: 'Patient', id: '../p2' }, 'focus-unreadable', null],
    ['a resource without an id', { resourceType: 'Patient' }, null, 'id-missing', 'Patient.id'],
    ['an id that is none', { ...patient, id: 'p/1' }, null, 'id-missing', 'Patient.id'],
    ['a resourceType of any text', { resourceType: '<b>' }, null, 'not-a-notification', TYPE],
    ['a type of R5', { resourceType: 'Transport', id: 't1' }, null, 'not-a-notification', TYPE],
    ['an address of a type that is none', null, { type: 'Patientt', id: 'p1' }, 'focus-unreadable', null],
    ['no resource', { a: 1 }, null, 'not-a-notification', TYPE],
    ['an array', [patient], null, 'not-a-notification', TYPE],
    ['text', 'Patient/p1', null, 'not-a-notification', TYPE],
  ])('%s is refused', (_, body, path, code, expression) => {
    expect(read(body, path)).toMatchObject({ code, expression });
  });
});

describe('Bundles of the backport', () => {
  test.each([
    ['handshake', 'requested', '0', 0],
    ['heartbeat', 'active', '2', 2],
    ['query-status', 'error', null, null],
  ])('%s', (type, status, total, eventsSinceSubscriptionStart) => {
    expect(read(notificationBundle({ type, status, total }))).toStrictEqual({
      kind: type,
      ...head,
      status,
      eventsSinceSubscriptionStart,
      sentAt,
    });
  });

  test('an empty event says only its number', () => {
    const bundle = notificationBundle({ events: [{ number: '2', at: '2025-06-01T11:44:13Z' }] });
    expect(read(bundle)).toMatchObject({
      kind: 'event',
      ...head,
      events: [{ number: 2, at: '2025-06-01T11:44:13Z', focus: null, method: null, resource: null }],
      others: [],
    });
  });

  test('ids only: absolute and relative, several events, context, a deletion by its entry', () => {
    const bundle = notificationBundle({
      total: '3',
      events: [
        { number: '2', focus: `${BASE}/Encounter/e1`, context: ['Patient/p1', `${BASE}/Condition/c1/_history/3`] },
        { number: 3, focus: 'Condition/c1' },
      ],
      entries: [
        { fullUrl: `${BASE}/Condition/c1`, request: { method: 'DELETE', url: 'Condition/c1' } },
        { fullUrl: `${BASE}/Observation/o1`, request: { method: 'GET', url: `${BASE}/Observation/o1` } },
      ],
    });
    expect(read(bundle)).toMatchObject({
      events: [
        { number: 2, focus: 'Encounter/e1', method: null, resource: null },
        { number: 3, focus: 'Condition/c1', method: 'DELETE', resource: null },
      ],
      others: ['Patient/p1', 'Observation/o1'],
    });
  });

  test('whole resources stand with their events; the status entry is left out of what is to be taken in', () => {
    const encounter = { resourceType: 'Encounter', id: 'e1', status: 'finished' };
    const patient = { resourceType: 'Patient', id: 'p1' };
    const entries = [
      { fullUrl: `${BASE}/Encounter/e1`, resource: encounter, request: { method: 'POST', url: 'Encounter' } },
      { fullUrl: `${BASE}/Patient/p1`, resource: patient, request: { method: 'GET', url: 'Patient/p1' } },
    ];
    const bundle = notificationBundle({ events: [{ number: '2', focus: 'Encounter/e1' }], entries });
    expect(read(bundle)).toMatchObject({
      events: [{ number: 2, focus: 'Encounter/e1', method: 'POST', resource: encounter }],
      others: ['Patient/p1'],
      bundle: { resourceType: 'Bundle', type: 'history', timestamp: sentAt, entry: entries },
    });
  });

  test('a focus that is no FHIR resource is an event that does not say what', () => {
    const bundle = notificationBundle({ events: [{ number: '2', focus: 'urn:oid:1.2.3' }] });
    expect(read(bundle)).toMatchObject({ events: [{ number: 2, focus: null }] });
  });

  const at = 'Bundle.entry[0].resource.parameter';
  const without = (name: string) => {
    const bundle = notificationBundle({ events: [{ number: '2' }] });
    const { resource } = bundle.entry[0] as { resource: { parameter: { name: string }[] } };
    resource.parameter = resource.parameter.filter((each) => each.name !== name);
    return bundle;
  };
  const basic = { type: 'history', entry: [{ resource: { resourceType: 'Basic' } }] };
  const elsewhere = 'https://nf.example.cn/fhir';
  test.each<[string, unknown, string, string]>([
    ['another type of Bundle', { type: 'searchset' }, 'not-a-notification', 'Bundle.type'],
    ['no entries', { type: 'history' }, 'status-missing', 'Bundle.entry'],
    ['entries of another shape', { type: 'history', entry: { a: 1 } }, 'status-missing', 'Bundle.entry'],
    ['an entry of another shape', { type: 'history', entry: [7] }, 'status-missing', 'Bundle.entry[0].resource'],
    ['a status as Basic', basic, 'status-missing', 'Bundle.entry[0].resource'],
    ['no type', without('type'), 'status-unreadable', at],
    ['no subscription', without('subscription'), 'status-unreadable', at],
    ['no status', without('status'), 'status-unreadable', at],
    ['an unknown type', notificationBundle({ type: 'alarm' }), 'status-unreadable', `${at}[3]`],
    ['an unknown status', notificationBundle({ status: 'on' }), 'status-unreadable', `${at}[2]`],
    ['a count that is none', notificationBundle({ total: '-1' }), 'status-unreadable', `${at}[4]`],
    ['a count too long', notificationBundle({ total: '9'.repeat(16) }), 'status-unreadable', `${at}[4]`],
    ['no Subscription', notificationBundle({ subscription: 'Patient/p1' }), 'status-unreadable', `${at}[0]`],
    ['a foreign one', notificationBundle({ subscription: `${elsewhere}/Subscription/s` }), 'focus-foreign', `${at}[0]`],
    [
      'a number that is none',
      notificationBundle({ events: [{ number: 'x' }] }),
      'status-unreadable',
      `${at}[5].part[0]`,
    ],
    [
      'a foreign focus',
      notificationBundle({ events: [{ number: '2', focus: `${elsewhere}/Patient/p` }] }),
      'focus-foreign',
      `${at}[5].part[1]`,
    ],
    [
      'a base that only begins like ours',
      foreignEntry(`${BASE}evil/Patient/p1`),
      'focus-foreign',
      'Bundle.entry[1].fullUrl',
    ],
    [
      'an entry that names nothing',
      entry({ request: { method: 'DELETE', url: '?a' } }),
      'entry-unreadable',
      'Bundle.entry[1]',
    ],
    ['an entry that is none', entry(null), 'entry-unreadable', 'Bundle.entry[1]'],
    [
      'a resource without id',
      entry({ resource: { resourceType: 'Patient' } }),
      'entry-unreadable',
      'Bundle.entry[1].resource',
    ],
  ])('%s is refused, with its place', (_, body, code, expression) => {
    expect(read({ resourceType: 'Bundle', ...(body as object) })).toMatchObject({ code, expression });
  });

  function entry(given: unknown) {
    return notificationBundle({ entries: [given as object] });
  }
  function foreignEntry(fullUrl: string) {
    return entry({ fullUrl, resource: { resourceType: 'Patient', id: 'p1' } });
  }
});

describe('junk', () => {
  const KINDS = ['empty', 'resource', 'handshake', 'heartbeat', 'query-status', 'event'];
  const SECRET = 'naughty-value-7';

  /** Any place of a good Bundle overwritten with anything. */
  const damaged = fc
    .tuple(
      fc.nat(60),
      fc.oneof(fc.anything(), fc.jsonValue(), fc.constant(SECRET), fc.constant({ [SECRET]: [SECRET] })),
    )
    .map(([at, junk]) => {
      const bundle = notificationBundle({
        events: [{ number: '2', focus: 'Encounter/e1', context: ['Patient/p1'] }],
        entries: [{ fullUrl: `${BASE}/Encounter/e1`, resource: { resourceType: 'Encounter', id: 'e1' } }],
      });
      const places: [Record<string, unknown>, string][] = [];
      const walk = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        for (const key of Object.keys(value)) {
          places.push([value as Record<string, unknown>, key]);
          walk((value as Record<string, unknown>)[key]);
        }
      };
      walk(bundle);
      const [owner, key] = places[at % places.length]!;
      owner[key] = junk;
      return bundle;
    });

  test('every body is a notification or a fault that says where, and repeats no value', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fc.anything(), fc.jsonValue()), (body) => {
        const found = read(body);
        if ('code' in found) {
          expect(Object.keys(NOTIFICATION_FAULTS)).toContain(found.code);
          expect(found.message.length).toBeGreaterThan(10);
          expect(JSON.stringify(found)).not.toContain(SECRET);
          if (found.expression !== null) expect(found.expression).toMatch(/^[A-Z][A-Za-z]*(\.[a-zA-Z]+(\[\d+\])?)*$/);
        } else {
          expect(KINDS).toContain(found.kind);
          const names =
            found.kind === 'event' ? [...found.events.flatMap(({ focus }) => focus ?? []), ...found.others] : [];
          for (const name of names) expect(name).toMatch(/^[^/]+\/[A-Za-z0-9\-.]{1,64}$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
