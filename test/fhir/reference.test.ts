import { isUnder, readReference } from '../../src/fhir/reference.ts';

describe('readReference', () => {
  test.each([
    ['Patient/1', { kind: 'relative', type: 'Patient', id: '1' }],
    ['Patient/1/_history/2', { kind: 'relative', type: 'Patient', id: '1' }],
    ['RelatedPerson/a-B.9', { kind: 'relative', type: 'RelatedPerson', id: 'a-B.9' }],
    [
      'https://nf.example.cn/fhir/Patient/1',
      { kind: 'absolute', base: 'https://nf.example.cn/fhir', type: 'Patient', id: '1' },
    ],
    [
      'https://nf.example.cn/fhir/Patient/1/_history/3',
      { kind: 'absolute', base: 'https://nf.example.cn/fhir', type: 'Patient', id: '1' },
    ],
    ['http://ehr:8080/Patient/1', { kind: 'absolute', base: 'http://ehr:8080', type: 'Patient', id: '1' }],
    [
      'urn:uuid:C757873D-EC9A-4326-A141-556F43239520',
      { kind: 'urn', urn: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' },
    ],
    ['urn:oid:1.2.156.1', { kind: 'urn', urn: 'urn:oid:1.2.156.1' }],
    ['#guardian', { kind: 'contained', id: 'guardian' }],
    ['#', { kind: 'contained', id: '' }],
  ])('%s', (text, target) => {
    expect(readReference(text)).toEqual(target);
  });

  test('a conditional reference keeps its query', () => {
    const target = readReference('Patient?identifier=https://nf.example.cn/sid/mrn|0012&active=true');
    expect(target).toMatchObject({ kind: 'conditional', type: 'Patient' });
    const { query } = target as Extract<typeof target, { kind: 'conditional' }>;
    expect(query.get('identifier')).toBe('https://nf.example.cn/sid/mrn|0012');
    expect(query.get('active')).toBe('true');
  });

  test.each([
    '',
    'Patient',
    'Patient/',
    '/Patient/1',
    'patient/1',
    'Patient/a/b',
    'Patient/a b',
    'Patient/1#part',
    ' Patient/1',
    `Patient/${'a'.repeat(65)}`,
    'Patient?',
    'urn:uuid:',
    'urn:isbn:123',
    'mailto:a@example.cn',
    'https://nf.example.cn/fhir/Patient/1?_format=json',
  ])('%j is unreadable', (text) => {
    expect(readReference(text)).toEqual({ kind: 'unreadable' });
  });

  test('an id of 64 characters is still one', () => {
    const id = 'a'.repeat(64);
    expect(readReference(`Patient/${id}`)).toEqual({ kind: 'relative', type: 'Patient', id });
  });
});

describe('isUnder', () => {
  const base = 'https://ncct.example.cn/NFEC-2023-207/icf';
  test.each([
    [base, true],
    [`${base}/v3.0`, true],
    [`${base}#v3.0`, true],
    [`${base}?v=3`, true],
    [`${base}-other/v3.0`, false],
    [`${base}x`, false],
    ['https://ncct.example.cn/NFEC-2023-207', false],
    [`http${base.slice(5)}/v3.0`, false],
  ])('%s: %s', (uri, under) => {
    expect(isUnder(uri, base)).toBe(under);
    expect(isUnder(uri, `${base}/`)).toBe(under);
  });
});
