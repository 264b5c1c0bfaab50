import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTargets } from '../../src/delivery/load.ts';
import { DELIVERED_TYPES } from '../../src/delivery/target.ts';
import { folder } from '../pipeline/gateway.ts';

const SITES = new Set(['ya', 'nf']);

async function load(files: Record<string, string>) {
  const root = join(await folder(), 'targets');
  await mkdir(root);
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  return loadTargets(root, SITES);
}
const faultsOf = async (text: string, name = 'hub.yaml') => {
  const loaded = await load({ [name]: text });
  return loaded.ok ? [] : loaded.faults.map(({ file, line, path, message }) => `${file}:${line} ${path}: ${message}`);
};

test('a folder that is not there holds no targets', async () => {
  expect(await loadTargets(join(await folder(), 'nowhere'), SITES)).toEqual({ ok: true, value: [] });
});

test('what is not said has a default: a hospital-side target gets ResearchSubjects, a study-side one every type', async () => {
  const loaded = await load({
    'hub.yaml': 'id: hub\nbase: https://fhir.example.org/r4/\nside: study\nwithdrawal: mark\nauth: { kind: bearer }\n',
    'ward.yaml': `id: ward
base: http://127.0.0.1:9000
side: hospital
sites: [ya]
withdrawal: delete
study: ResearchStudy/77
entries: 20
parallel: 2
timeoutSeconds: 5
auth: { kind: smart, tokenUrl: "https://auth.example.org/token", clientId: us, scope: system/*.cud }
`,
    'notes.txt': 'no target',
  });
  expect(loaded).toEqual({
    ok: true,
    value: [
      {
        id: 'hub',
        base: 'https://fhir.example.org/r4',
        side: 'study',
        sites: null,
        types: DELIVERED_TYPES,
        withdrawal: 'mark',
        study: null,
        auth: { kind: 'bearer' },
        entries: 8,
        parallel: 4,
        timeoutMilliseconds: 30_000,
      },
      {
        id: 'ward',
        base: 'http://127.0.0.1:9000',
        side: 'hospital',
        sites: ['ya'],
        types: ['ResearchSubject'],
        withdrawal: 'delete',
        study: 'ResearchStudy/77',
        auth: { kind: 'smart', tokenUrl: 'https://auth.example.org/token', clientId: 'us', scope: 'system/*.cud' },
        entries: 20,
        parallel: 2,
        timeoutMilliseconds: 5_000,
      },
    ],
  });
});

test('every mistake at once, with its line and what to do', async () => {
  const text = `id: other
base: http://fhir.example.org
side: hospital
types: [Patient, Practitioner]
withdrawal: forget
study: Study/1
entries: 0
secret: abc
auth:
  kind: client-secret
  tokenUrl: https://auth.example.org/token?x=1
  secret: abc
`;
  const faults = await faultsOf(text);
  expect(faults.map((one) => one.split(': ')[0]).sort()).toEqual(
    [
      'hub.yaml:1 id',
      'hub.yaml:2 base',
      'hub.yaml:1 sites',
      'hub.yaml:4 types',
      'hub.yaml:5 withdrawal',
      'hub.yaml:6 study',
      'hub.yaml:7 entries',
      'hub.yaml:8 secret',
      'hub.yaml:10 auth.clientId',
      'hub.yaml:11 auth.tokenUrl',
      'hub.yaml:12 auth.secret',
    ].sort(),
  );
  expect(faults).toContain('hub.yaml:5 withdrawal: give one of delete, mark');
});

test.each([
  ['no agreement on withdrawal', 'id: hub\nbase: https://a.example\nside: study\nauth: { kind: none }\n', 'withdrawal'],
  ['no auth', 'id: hub\nbase: https://a.example\nside: study\nwithdrawal: mark\n', 'auth.kind'],
  [
    'a site nobody knows',
    'id: hub\nbase: https://a.example\nside: study\nsites: [xx]\nwithdrawal: mark\nauth: { kind: none }\n',
    'sites',
  ],
  ['a list', '- id: hub\n', ''],
])('refused: %s', async (_, text, path) => {
  expect((await faultsOf(text)).some((one) => one.includes(` ${path}: `))).toBe(true);
});

test('broken YAML is a fault with its line', async () => {
  expect((await faultsOf('id: hub\nbase: [\n'))[0]).toMatch(/^hub\.yaml:\d /);
});
