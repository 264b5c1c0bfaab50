import fc from 'fast-check';
import { type Action, allows, intersect, readScopes, writeScopes } from '../../src/auth/scopes.ts';

const read = (text: string) => readScopes(text).scopes;
const granted = (asked: string, has: string) => {
  const { scopes, v1 } = readScopes(asked);
  return writeScopes(intersect(scopes, read(has)), v1);
};

test.each([
  ['system/Patient.read', { Patient: 'rs' }],
  ['system/Patient.write', { Patient: 'cud' }],
  ['system/*.*', { '*': 'cruds' }],
  ['system/Patient.cruds', { Patient: 'cruds' }],
  ['system/*.rs system/Observation.c system/Observation.u', { '*': 'rs', Observation: 'cu' }],
  ['  system/Patient.s   system/Patient.r ', { Patient: 'rs' }],
])('reads %s', (text, expected) => {
  expect(Object.fromEntries(read(text))).toEqual(expected);
  expect(readScopes(text).unknown).toEqual([]);
});

test.each([
  'patient/Patient.read',
  'user/*.cruds',
  'system/Patient',
  'system/Patient.',
  'system/Patient.sr',
  'system/Patient.rr',
  'system/Patient.reads',
  'system/patient.read',
  'system/Unicorn.read',
  'system/__proto__.read',
  'system/Observation.rs?category=laboratory',
  'SYSTEM/Patient.read',
  'openid',
  'launch/patient',
])('does not understand %s', (text) => {
  expect(readScopes(text)).toEqual({ scopes: new Map(), v1: false, unknown: [text] });
});

test.each([
  ['system/*.cruds', 'system/*.cruds', 'system/*.cruds'],
  ['system/*.cruds', 'system/Patient.rs', 'system/Patient.rs'],
  ['system/Patient.cruds', 'system/*.rs', 'system/Patient.rs'],
  ['system/Patient.cruds', 'system/*.r system/Patient.c', 'system/Patient.cr'],
  ['system/*.cr', 'system/*.r system/Patient.c', 'system/*.r system/Patient.c'],
  ['system/*.read system/Patient.write', 'system/*.cruds', 'system/*.read system/Patient.write'],
  ['system/*.read', 'system/*.r', 'system/*.r'],
  ['system/Patient.read system/Patient.rs', 'system/*.cruds', 'system/Patient.rs'],
  ['system/Patient.rs', 'system/Observation.rs', ''],
  ['system/Patient.c', 'system/Patient.rs', ''],
  ['openid system/Patient.r', 'system/*.cruds', 'system/Patient.r'],
  ['', 'system/*.cruds', ''],
  ['system/*.cruds', '', ''],
])('%s asked, %s granted: gives %s', (asked, has, expected) => {
  expect(granted(asked, has)).toBe(expected);
});

const TYPES = ['Patient', 'Observation', 'Condition', 'Task'];
const scope = fc
  .tuple(
    fc.constantFrom('*', ...TYPES.slice(0, 3)),
    fc.oneof(
      fc.constantFrom('read', 'write', '*'),
      fc.subarray([...'cruds'], { minLength: 1 }).map((a) => a.join('')),
    ),
  )
  .map(([type, actions]) => `system/${type}.${actions}`);
const scopes = fc.array(fc.oneof(scope, fc.constantFrom('openid', 'user/*.read')), { maxLength: 5 });

test('what comes back is exactly what was both asked and granted, never more', () => {
  fc.assert(
    fc.property(scopes, scopes, (asks, has) => {
      const [asked, grant] = [asks.join(' '), has.join(' ')];
      const back = read(granted(asked, grant));
      for (const type of TYPES) {
        for (const action of [...'cruds'] as Action[]) {
          const both = allows(read(asked), type, action) && allows(read(grant), type, action);
          expect([type, action, allows(back, type, action)]).toEqual([type, action, both]);
        }
      }
    }),
  );
});
