import { connectionOf } from '../../src/study/connection.ts';
import { loadSites } from '../../src/study/site.ts';
import { copyOf, removeFolders, replaceIn, SITES } from './copied-folder.ts';

afterAll(removeFolders);

const BASE = 'https://ya.example.cn/fhir';
const read = (given: unknown) => connectionOf(given, BASE);

test('a site without the block is not asked', () => {
  expect(read(undefined)).toStrictEqual({ ok: true, value: null });
});

test('an empty block has usual values', () => {
  expect(read({})).toStrictEqual({
    ok: true,
    value: {
      base: BASE,
      types: null,
      requestsPerSecond: 5,
      pageSize: 100,
      timeoutMilliseconds: 30_000,
      maxAnswerBytes: 32 * 1024 * 1024,
      smart: null,
      signatureHeader: null,
    },
  });
});

test('everything given', () => {
  const smart = { tokenUrl: 'https://ya.example.cn/token', clientId: 'gateway', scope: 'system/Patient.read' };
  expect(
    read({
      base: 'http://127.0.0.1:8080/fhir/',
      types: ['Patient'],
      requestsPerSecond: 0.5,
      pageSize: 10,
      timeoutSeconds: 1.5,
      maxAnswerMiB: 1,
      smart,
      signatureHeader: 'X-EHR-Signature',
    }),
  ).toStrictEqual({
    ok: true,
    value: {
      base: 'http://127.0.0.1:8080/fhir',
      types: ['Patient'],
      requestsPerSecond: 0.5,
      pageSize: 10,
      timeoutMilliseconds: 1500,
      maxAnswerBytes: 1024 * 1024,
      smart,
      signatureHeader: 'x-ehr-signature',
    },
  });
});

test.each<[unknown, string]>([
  ['yes', 'connection'],
  [[], 'connection'],
  [{ url: BASE }, 'connection.url'],
  [{ base: 'http://ya.example.cn/fhir' }, 'connection.base'],
  [{ base: 'https://user:word@ya.example.cn/fhir' }, 'connection.base'],
  [{ base: 'https://ya.example.cn/fhir?a=1' }, 'connection.base'],
  [{ base: '/fhir' }, 'connection.base'],
  [{ base: 7 }, 'connection.base'],
  [{ types: [] }, 'connection.types'],
  [{ types: 'Patient' }, 'connection.types'],
  [{ types: ['Patient/p1'] }, 'connection.types'],
  [{ requestsPerSecond: 0 }, 'connection.requestsPerSecond'],
  [{ requestsPerSecond: '5' }, 'connection.requestsPerSecond'],
  [{ pageSize: 5000 }, 'connection.pageSize'],
  [{ timeoutSeconds: -1 }, 'connection.timeoutSeconds'],
  [{ maxAnswerMiB: Number.NaN }, 'connection.maxAnswerMiB'],
  [{ smart: { tokenUrl: BASE } }, 'connection.smart'],
  [{ smart: { tokenUrl: 'http://ya.example.cn/token', clientId: 'c' } }, 'connection.smart.tokenUrl'],
  [{ signatureHeader: 'X: y' }, 'connection.signatureHeader'],
])('%j is a fault of %s', (given, path) => {
  const found = read(given);
  expect(found.ok ? [] : found.faults.map((fault) => fault.path.join('.'))).toEqual([path]);
});

test('a fault of site.yaml stands with its line, and all come at once', async () => {
  const root = copyOf(SITES);
  const block = 'status: active\nconnection:\n  pageSize: 0\n  types: none';
  const line = replaceIn(root, 'ya/site.yaml', 'status: active', block);
  const sites = await loadSites(root);
  expect(sites.ok ? [] : sites.faults).toEqual([
    { file: 'ya/site.yaml', line: line + 3, path: 'connection.types', message: expect.any(String) },
    { file: 'ya/site.yaml', line: line + 2, path: 'connection.pageSize', message: expect.any(String) },
  ]);
});
