import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { type Identifier, identifiersOf } from '../../src/identity/identifiers-of.ts';
import { createScanner, type Hit, scanForIdentifiers, type Unread } from '../../src/identity/scanner.ts';

const WHO: Identifier[] = [
  { kind: 'name', value: '欧阳娜娜' },
  { kind: 'name', value: '李婷' },
  { kind: 'name', value: 'Müller Ana' },
  { kind: 'record-number', value: 'YA-TEST-000001' },
  { kind: 'record-number', value: '11010519491231002X' },
  { kind: 'contact', value: '+86 138-0013-8000' },
  { kind: 'birth-date', value: '1984-01-24' },
  { kind: 'resource-id', value: 'ya-p-000001' },
  { kind: 'resource-id', value: '20417' },
];

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function scan(content: string | Uint8Array, name = 'f', identifiers = WHO): Promise<(Hit | Unread)[]> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return all(scanForIdentifiers([{ name, content: [bytes] }], identifiers));
}
const shown = async (content: string | Uint8Array) =>
  (await scan(content)).map((one) =>
    'unread' in one ? one.unread : `${one.offset} ${one.kind} ${one.form}${one.packed ? ' packed' : ''}`,
  );

const json = (text: string) => [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const wide = (text: string) => text.replaceAll(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const bigEndian = (text: string) => utf16(text).swap16();

describe('every identifier is found in every guise', () => {
  const guises: [string, string, (text: string) => string | Uint8Array][] = [
    ['as it is', 'plain', (text) => text],
    ['in upper case', 'plain', (text) => text.toUpperCase()],
    ['in lower case', 'plain', (text) => text.toLowerCase()],
    ['full width', 'plain', wide],
    ['composed', 'plain', (text) => text.normalize('NFC')],
    ['decomposed', 'plain', (text) => text.normalize('NFD')],
    ['with zero width spaces', 'plain', (text) => [...text].join('\u200b')],
    ['\\u escapes', 'escaped', json],
    ['\\u escapes in JSON in JSON', 'escaped', (text) => JSON.stringify(JSON.stringify(json(text)))],
    ['\\u{} escapes', 'escaped', (text) => [...text].map((c) => `\\u{${c.codePointAt(0)!.toString(16)}}`).join('')],
    ['URL encoded', 'escaped', (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')],
    ['URL encoded twice', 'escaped', (text) => [...Buffer.from(text)].map((b) => `%25${b.toString(16)}`).join('')],
    ['XML, hexadecimal', 'escaped', (text) => [...text].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join('')],
    ['XML, decimal', 'escaped', (text) => [...text].map((c) => `&#${c.charCodeAt(0)};`).join('')],
    ['UTF-16', 'utf-16', (text) => utf16(`"${text}"`)],
    ['UTF-16, big endian', 'utf-16', (text) => bigEndian(`"${text}"`)],
    ['UTF-16 with a byte order mark', 'utf-16', (text) => utf16(`\ufeff${text}`)],
    ['UTF-16, big endian, with a byte order mark', 'utf-16', (text) => bigEndian(`\ufeff${text}`)],
    ['UTF-16 at an odd byte', 'utf-16', (text) => Buffer.concat([Buffer.from('x'), utf16(`"${text}"`)])],
    ['after bytes that are no UTF-8', 'plain', (text) => Buffer.concat([Buffer.from([0xe5]), Buffer.from(text)])],
  ];

  test.each(guises)('%s', async (_, form, dress) => {
    for (const { kind, value } of WHO) {
      const dressed = Buffer.from(dress(value) as string);
      const hits = (await scan(dressed)) as Hit[];
      expect([value, hits.map((one) => [one.kind, one.form])]).toEqual([value, [[kind, form]]]);
      const packed = (await scan(gzipSync(gzipSync(dressed)))) as Hit[];
      expect(packed).toEqual(hits.map((one) => ({ ...one, packed: true })));
    }
  });

  test.each([
    ['contact', '13800138000'],
    ['contact', '138 0013 8000'],
    ['contact', '138-0013-8000'],
    ['contact', '8613800138000'],
    ['birth-date', '19840124'],
    ['birth-date', '1984/01/24'],
    ['birth-date', '1984.01.24'],
    ['birth-date', '1984/1/24'],
    ['birth-date', '1984年1月24日'],
    ['birth-date', '1984年01月24日'],
  ])('%s as people write it: %s', async (kind, text) => {
    expect((await scan(`a,${text},b`)).map((one) => 'kind' in one && one.kind)).toContain(kind);
  });

  test('amid other text, glued to it, at its byte', async () => {
    expect(await shown('"Patient/ya-p-000001_v2"')).toEqual(['9 resource-id plain']);
    expect(await shown('张三\nxYA-TEST-0000012\t李婷')).toEqual(['8 record-number plain', '24 name plain']);
    expect(await shown('%E6%9D%8E%e5%a9%b7 50%1101051949123100 2x 50%11010519491231002x')).toEqual([
      '0 name escaped',
      '45 record-number plain',
    ]);
    expect(await shown('{"a":"ya-p-000001","b":"\\u674e\\u5a77"}')).toEqual(['6 resource-id plain', '24 name escaped']);
  });
});

describe('and nothing else', () => {
  test.each([
    'ya-p-00001',
    '120417',
    '20417a',
    '李 小婷',
    'Müller Anastasia',
    '119840124',
    '"',
    '',
    'gNwZ wZgN Zwng NgwZ_base64_reads_like_names',
    '\\u674e\\n\\u5a77',
    '%E6%9D',
    '&#x674e;&#x5a7',
  ])('%s', async (text) => {
    expect(await shown(text)).toEqual([]);
  });

  test('what is too short to be looked for is counted, and what is the same once only', () => {
    const identifiers = ['7', '123', '李', '1234', '１２３４', '李婷'].map((value) => ({
      kind: 'resource-id' as const,
      value,
    }));
    expect(createScanner(identifiers)).toMatchObject({ texts: 2, tooShort: 3 });
  });
});

test('wherever it lies in a long content, however that comes in chunks: once, at its byte', async () => {
  const scanner = createScanner(WHO);
  const total = 800_000;
  const lines = Buffer.alloc(total, 'no one is named here \\u0041 %41\n');
  await fc.assert(
    fc.asyncProperty(
      // Anywhere, and where two pieces overlap.
      fc.oneof(fc.nat(total - 300), fc.integer({ min: 262_000, max: 262_800 })),
      fc.integer({ min: 1, max: 400_000 }),
      fc.constantFrom('欧阳娜娜', json('欧阳娜娜'), '"ya-p-000001"', ' 20417 '),
      async (at, size, text) => {
        const bytes = Buffer.concat([lines.subarray(0, at), Buffer.from(text), lines.subarray(at)]);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size),
        );
        // Bytes one by one are slow to put together; a few at the head are enough.
        const content = size < 50 ? [bytes.subarray(0, 1), bytes.subarray(1, 2), bytes.subarray(2)] : chunks;
        const hits = (await all(scanner.scan({ name: 'f', content }))) as Hit[];
        expect(hits.map(({ offset }) => offset)).toEqual([at + (/^["\s]/.test(text) ? 1 : 0)]);
      },
    ),
    { numRuns: 30, seed: 7 },
  );
}, 60_000);

test('the name of a source is looked through and shown without what was found', async () => {
  expect(await scan('', '/out/Patient-ya-p-000001/李婷.json')).toEqual([
    { file: '/out/Patient-***/***.json', offset: null, kind: 'resource-id', form: 'plain', packed: false },
    { file: '/out/Patient-***/***.json', offset: null, kind: 'name', form: 'plain', packed: false },
  ]);
  const [hit] = (await scan('李婷', 'a/%E6%9D%8E%E5%A9%B7')) as Hit[];
  expect(hit).toMatchObject({ file: 'a/***', form: 'escaped' });
});

test('the name inside a gzip file is looked through', async () => {
  const packed = gzipSync('nothing');
  const named = Buffer.concat([packed.subarray(0, 10), Buffer.from('ya-p-000001.json\0'), packed.subarray(10)]);
  named[3] = 8;
  expect(await shown(named)).toEqual(['10 resource-id plain']);
});

test('what cannot be read to its end is told', async () => {
  const packed = gzipSync(Buffer.alloc(100_000, 'x'));
  expect(await shown(packed.subarray(0, packed.length - 9))).toEqual(['gzip-broken']);
  expect(await shown(Buffer.concat([packed, Buffer.from('; 李婷')]))).toEqual(['gzip-broken']);
  const broken = (async function* () {
    yield Buffer.from('李婷');
    throw Object.assign(new Error(), { code: 'EIO' });
  })();
  const found = await all(scanForIdentifiers([{ name: 'f', content: broken }], WHO));
  expect(found).toEqual([{ file: 'f', unread: 'file-unreadable' }]);
});

test('identifiers of a resource: persons, contained and referred to, and every id of the hospital', () => {
  const person = {
    id: 'p1',
    name: [{ text: '张三', family: '张', given: ['三'] }],
    telecom: [{ value: '000-1' }],
    address: [{ text: '某路1号', line: ['某路1号', '3幢'] }],
    birthDate: '1984-01-24',
    identifier: [{ value: 'M1' }],
  };
  const of = (resource: object) => [
    ...new Set([...identifiersOf(resource as FhirResource)].map((one) => `${one.kind} ${one.value}`)),
  ];
  const everything = [
    'resource-id p1',
    'record-number M1',
    'birth-date 1984-01-24',
    'name 张三',
    'name 张 三',
    'name 三 张',
    'name 三张',
    'contact 000-1',
    'address 某路1号',
    'address 3幢',
  ];
  expect(of({ resourceType: 'Patient', ...person })).toEqual(everything);
  const contact = { contact: [{ name: { text: '王五' }, telecom: [{ value: 'w@example.cn' }] }] };
  expect(of({ resourceType: 'Patient', id: 'p', birthDate: '1984', ...contact })).toEqual([
    'resource-id p',
    'name 王五',
    'contact w@example.cn',
  ]);
  const observation = {
    resourceType: 'Observation',
    id: 'o1',
    contained: [{ resourceType: 'Patient', ...person }],
    subject: {
      reference: 'https://ya.example.cn/fhir/Patient/p2/_history/3',
      display: '李四',
      identifier: { value: 'M2' },
    },
    encounter: { reference: 'Encounter/e1', display: 'inpatient' },
    performer: [{ reference: 'Organization/org', display: '肝病科', identifier: { value: 'O' } }],
    identifier: [{ value: 'A1' }],
  };
  expect(of(observation)).toEqual([
    'resource-id o1',
    'record-number A1',
    'resource-id p2',
    'name 李四',
    'record-number M2',
    'resource-id e1',
    ...everything.slice(1),
  ]);
  expect(of({ resourceType: 'Organization', id: 'org', name: '医院' })).toEqual([]);
  expect(of({ resourceType: 'Patient', id: 'p', name: '张三', identifier: [{ value: 7 }], birthDate: 7 })).toEqual([
    'resource-id p',
    'name 张三',
  ]);
});
