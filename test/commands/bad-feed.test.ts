import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concept, condition, feedContext, icd10 } from '../feed/builders.ts';
import { AS_OF, command, type Done, folder, rows, summaryOf } from './command.ts';
import { gzipped, ndjson, person } from './people.ts';

const steatosis = condition(feedContext('ya', 1, 'bad'), { code: concept(icd10('K76.0')) });
const lines = (...texts: (string | object)[]) =>
  texts.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');

const code = { coding: [{ system: 'http://snomed.info/sct', code: '197321007' }] };
const subject = { reference: 'Patient/ya-p-000001' };
const OTHER_VERSIONS = [
  ['R5 Consent', { resourceType: 'Consent', status: 'active', subject, decision: 'permit' }, 'shape'],
  ['R5 Encounter', { resourceType: 'Encounter', status: 'completed', class: [code], subject }, 'shape'],
  ['R5 MedicationRequest', { resourceType: 'MedicationRequest', medication: { concept: code }, subject }, 'shape'],
  ['R5 type', { resourceType: 'BiologicallyDerivedProductDispense', status: 'completed' }, 'unknown-type'],
  ['STU3 Condition', { resourceType: 'Condition', clinicalStatus: 'active', code, subject }, 'shape'],
  ['STU3 Procedure', { resourceType: 'Procedure', status: 'completed', notDone: false, code, subject }, 'shape'],
  ['STU3 type', { resourceType: 'ProcedureRequest', status: 'active', intent: 'order', code, subject }, 'unknown-type'],
] as const;

/** File → what is bad in it. A sound person follows in every file, another in a file of their own before and after. */
const BAD: Record<string, string | Buffer> = {
  utf8: Buffer.concat([
    Buffer.from('{"resourceType":"Condition","id":"x","code":{"text":"'),
    // 肝 in GB18030.
    Buffer.from([0xb8, 0xce]),
    Buffer.from('"}}\n'),
  ]),
  deep: `{"resourceType":"Patient","id":"x","extension":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`,
  types: lines({ ...steatosis, resourceType: 'LiverBiopsy' }, { id: 'x' }, { resourceType: 7 }, []),
  versions: lines(...OTHER_VERSIONS.map(([, resource]) => ({ ...resource, id: 'x', meta: steatosis.meta }))),
  proto: lines(
    JSON.stringify(steatosis).replace('{', '{"__proto__":{"polluted":true},'),
    '{"__proto__":{"resourceType":"Patient"},"id":"x"}',
  ),
  group: lines({ ...steatosis, subject: { reference: 'Group/ya-g-1' } }),
};
const FILES = ['a-sound', ...Object.keys(BAD), 'gzip', 'long', 'z-sound'].sort();
const LONG = 200 * 1024 * 1024;

let done: Done & { out: string };
// biome-ignore lint/suspicious/noExplicitAny: rows as scripts of others see them.
let quarantine: any[];
beforeAll(async () => {
  const at = await folder();
  const feed = join(at, 'feed');
  await mkdir(feed);
  for (const [index, name] of FILES.entries()) {
    const sound = ndjson(...person(index + 1));
    const file = join(feed, name);
    if (name === 'gzip') {
      const more = Array.from({ length: 400 }, (_, one) => ({ ...steatosis, id: `more-${one}`, subject }));
      const packed = gzipped(sound + ndjson(...more));
      await writeFile(file, packed.subarray(0, packed.length * 0.9));
    } else if (name === 'long') {
      // A hole in the file takes no disk, and reads as bytes all the same.
      const holed = await open(file, 'w');
      await holed.write(Buffer.from(`\n${sound}`), 0, null, LONG);
      await holed.close();
    } else {
      await writeFile(file, Buffer.concat([Buffer.from(BAD[name] ?? ''), Buffer.from(sound)]));
    }
  }
  const out = join(at, 'out');
  done = { ...(await command('screen', feed, '--out', out, ...AS_OF)), out };
  quarantine = await rows(out, 'quarantine.ndjson');
});

const of = (name: string) => quarantine.filter(({ file }) => file.endsWith(`/${name}`));
const told = (name: string) => of(name).map(({ line, reason, expression }) => [line, reason, expression]);

test('no good record is lost, nothing crashes, everything bad has a row', async () => {
  expect([done.code, done.stderr]).toEqual([1, '']);
  const worklist = await rows(done.out, 'worklist.ndjson');
  expect(worklist.map(({ patient, status }) => [patient, status])).toEqual(
    FILES.map((_, index) => [`Patient/ya-p-${String(index + 1).padStart(6, '0')}`, 'eligible']),
  );
  const { resources } = await summaryOf(done.out);
  expect(resources.quarantined).toBe(quarantine.length);
  expect(resources.read).toBe(resources.accepted + resources.ignored + resources.quarantined);
  expect([...of('a-sound'), ...of('z-sound')]).toEqual([]);
  for (const { message } of quarantine) expect(message).toMatch(/^[A-Z].*\.$/);
});

test('gzip that is cut off: what came before the cut counts, then one row says where', () => {
  expect(of('gzip')).toHaveLength(1);
  const [{ line, reason, message }] = of('gzip');
  expect(reason).toBe('gzip-broken');
  expect(line).toBeGreaterThan(100);
  expect(message).toMatch(/cut off here\. Send the file again/);
});

test('a line of 200 MB costs only itself', () => {
  expect(told('long')).toEqual([[1, 'line-too-long', null]]);
  expect(of('long')[0].message).toMatch(/longer than the limit\. Send one resource/);
});

test('bytes that are not UTF-8', () => {
  expect(told('utf8')).toEqual([[1, 'invalid-utf8', null]]);
  expect(of('utf8')[0].message).toMatch(/GB18030.*Export the file as UTF-8/);
});

test('JSON of 100,000 levels', () => {
  expect(told('deep')).toEqual([[1, 'too-deep', null]]);
  expect(of('deep')[0].message).toMatch(/nested deeper.*Export it again/);
});

test('types that R4 does not have, and no type at all', () => {
  expect(told('types')).toEqual([
    [1, 'unknown-type', null],
    [2, 'not-a-resource', null],
    [3, 'not-a-resource', null],
    [4, 'not-a-resource', null],
  ]);
  expect(of('types')[0].message).toMatch(/Convert the resource to FHIR R4 at the source, or leave it out/);
});

test.each(OTHER_VERSIONS.map(([name, , reason], at) => [name, at + 1, reason]))(
  'a shape of another FHIR version: %s',
  (_name, line, reason) => {
    const row = of('versions').find((one) => one.line === line);
    expect(row.reason).toBe(reason);
    expect(row.message).toMatch(/R4|the source/);
  },
);

test('__proto__ as a key reaches nothing', () => {
  expect(of('proto').map(({ line, reason }) => [line, reason])).toEqual([
    [1, 'shape'],
    [2, 'not-a-resource'],
  ]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('a Condition about a Group', () => {
  expect(told('group')).toEqual([[1, 'subject-not-patient', 'Condition.subject.reference']]);
  expect(of('group')[0].message).toBe('The reference leads to a Group; screening is about Patients only.');
});
