import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readFeed } from '../../src/intake/read.ts';
import { all, brief, folder, patient, readContent, readPaths } from './feeds.ts';

const GOOD = ['a', 'b', 'c'].map(patient).join('\n');
const PRETTY = JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ text: '李' }] }, null, 2);
const BUNDLE = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: ['a', 'b', 'c'].map((id) => ({ resource: { resourceType: 'Patient', id } })),
};

describe('what a feed may look like', () => {
  test('NDJSON: line feeds, CRLF, byte order marks, blank lines, no line feed at the end', async () => {
    const content = `\uFEFF${patient('a')}\r\n\r\n   \n${patient('b')}\n\uFEFF${patient('c')}`;
    expect(brief(await readContent(content))).toEqual(['1 Patient/a', '4 Patient/b', '5 Patient/c']);
  });

  test('Bundles one a line, with the line and the entry', async () => {
    const content = `${JSON.stringify(BUNDLE)}\n${patient('x')}\n${JSON.stringify(BUNDLE)}\n`;
    expect(brief(await readContent(content))).toEqual([
      ...['1[0] Patient/a', '1[1] Patient/b', '1[2] Patient/c', '2 Patient/x'],
      ...['3[0] Patient/a', '3[1] Patient/b', '3[2] Patient/c'],
    ]);
  });

  test('documents over several lines, one or more in a file, any indentation', async () => {
    expect(brief(await readContent(PRETTY))).toEqual(['1 Patient/p']);
    expect(brief(await readContent(`\n${PRETTY}\n${PRETTY}\r\n${patient('q')}`))).toEqual([
      ...['2 Patient/p', '11 Patient/p', '20 Patient/q'],
    ]);
    const entries = ['-[0] Patient/a', '-[1] Patient/b', '-[2] Patient/c'];
    for (const indent of [1, 2, '\t'])
      expect(brief(await readContent(JSON.stringify(BUNDLE, null, indent)))).toEqual(entries);
    const entryALine = `{"resourceType":"Bundle","type":"collection","entry":[\n${BUNDLE.entry.map((entry) => JSON.stringify(entry)).join(',\n')}\n]}`;
    expect(brief(await readContent(entryALine))).toEqual(entries);
  });

  test('gzip by its content, whatever the name, also several members in a row', async () => {
    const members = Buffer.concat([gzipSync(`${patient('a')}\n`), gzipSync(`${patient('b')}\n`)]);
    const dir = await folder();
    await writeFile(join(dir, '1.txt'), members);
    await writeFile(join(dir, '2 名字.gz'), patient('c'));
    expect(brief(await readPaths([dir]))).toEqual(['1 Patient/a', '2 Patient/b', '1 Patient/c']);
  });

  test('standard input, plain and gzip, in any chunks, gives what the file gives', async () => {
    const content = `${GOOD}\nbad 肝\n${PRETTY}\n${patient('d')}`;
    const expected = brief(await readContent(content));
    expect(expected).toEqual([
      '1 Patient/a',
      '2 Patient/b',
      '3 Patient/c',
      '4 invalid-json',
      '5 Patient/p',
      '14 Patient/d',
    ]);
    for (const bytes of [Buffer.from(content), gzipSync(content)]) {
      for (const size of [1, 2, 3, 7, 64, 4096]) {
        let told = 0;
        async function* stdin() {
          for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
        }
        const onBytes = (n: number) => {
          told += n;
        };
        expect(brief(await readPaths(['-'], { stdin: stdin(), onBytes }))).toEqual(expected);
        expect(told).toBe(bytes.length);
      }
    }
  });

  test('empty files yield nothing', async () => {
    expect(await readContent('')).toEqual([]);
    expect(await readContent('\uFEFF\n\n')).toEqual([]);
    expect(await readContent(gzipSync(''))).toEqual([]);
  });
});

describe('what is bad costs only itself', () => {
  test('an element named twice, on a line and in a document of several', async () => {
    const twice = '{"resourceType":"Patient","id":"a","id":"b"}';
    expect(brief(await readContent(`${twice}\n${patient('c')}\n`))).toEqual(['1 invalid-json', '2 Patient/c']);
    const spread = PRETTY.replace('"id"', '"id": "o",\n  "id"');
    expect(brief(await readContent(spread))).toEqual(['1 invalid-json']);
  });

  test('gzip where nothing is to be unpacked', async () => {
    const [first] = brief(await readContent(gzipSync(patient('a')), { unpacks: false }));
    expect(first).toBe('1 invalid-utf8');
  });

  test.each([
    ['no JSON', Buffer.from('oops'), 'invalid-json'],
    ['a line cut off in a string', Buffer.from('{"resourceType":"Pati'), 'invalid-json'],
    ['a line cut off after a colon', Buffer.from('{"resourceType":"Patient","managingOrganization":'), 'invalid-json'],
    ['a line cut off after a comma', Buffer.from('{"resourceType":"Patient","name":[{"text":"x"},'), 'invalid-json'],
    ['a line cut off after a bracket', Buffer.from('{"resourceType":"Patient","contained":['), 'invalid-json'],
    ['a line cut off after a brace', Buffer.from('{'), 'invalid-json'],
    ['two values', Buffer.from(`${patient('x')}${patient('y')}`), 'invalid-json'],
    ['GB18030', Buffer.from([0x22, 0xb8, 0xce, 0x22]), 'invalid-utf8'],
    ['100,000 levels', Buffer.from('{"a":'.repeat(100_000)), 'too-deep'],
    ['100,000 closed levels', Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'too-deep'],
    ['an array', Buffer.from('[1]'), 'not-a-resource'],
    ['a number', Buffer.from('12'), 'not-a-resource'],
    ['null', Buffer.from('null'), 'not-a-resource'],
    ['no resourceType', Buffer.from('{"id":"a"}'), 'not-a-resource'],
  ])('%s: first, in the middle, twice, last', async (_, line, reason) => {
    const [feed, a, b] = [Buffer.from('\n'), Buffer.from(patient('a')), Buffer.from(patient('b'))];
    const read = async (...parts: Buffer[]) => brief(await readContent(Buffer.concat(parts)));
    expect(await read(line, feed, a, feed, b)).toEqual([`1 ${reason}`, '2 Patient/a', '3 Patient/b']);
    expect(await read(line, feed, a)).toEqual([`1 ${reason}`, '2 Patient/a']);
    expect(await read(a, feed, line, feed, b, feed)).toEqual(['1 Patient/a', `2 ${reason}`, '3 Patient/b']);
    expect(await read(a, feed, line, feed, b, feed, line, feed, a)).toEqual([
      ...['1 Patient/a', `2 ${reason}`, '3 Patient/b', `4 ${reason}`, '5 Patient/a'],
    ]);
    expect(await read(a, feed, line)).toEqual(['1 Patient/a', `2 ${reason}`]);
  });

  test('two lines cut off in a row are two refusals', async () => {
    const [comma, string] = ['{"resourceType":"Patient","name":[{"text":"x"},', '{"resourceType":"Pati'];
    expect(brief(await readContent(`${comma}\n${string}\n${GOOD}`)).slice(0, 3)).toEqual([
      ...['1 invalid-json', '2 invalid-json', '3 Patient/a'],
    ]);
    expect(brief(await readContent(`${comma}\n${comma}\n${GOOD}`)).slice(0, 3)).toEqual([
      ...['1 invalid-json', '2 invalid-json', '3 Patient/a'],
    ]);
    const five = `${comma}\n`.repeat(5);
    expect(brief(await readContent(five + patient('a')))).toEqual(
      [1, 2, 3, 4, 5].map((n) => `${n} invalid-json`).concat('6 Patient/a'),
    );
  });

  test('in any mixture of good and bad lines every good one arrives, and no bad one is passed over in silence', async () => {
    const whole = patient('x'.repeat(20));
    const cuts = fc.integer({ min: 1, max: whole.length - 1 }).map((length) => whole.slice(0, length));
    const nested = '{"resourceType":"Patient","contained":[{"resourceType":"Basic"},{"a":[1,';
    const bad = fc.oneof(
      cuts,
      fc.constant('[['.repeat(100)),
      fc.constantFrom('oops', '[]', `${whole},`, nested, `[${whole},`, '{"a":'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constant(null), bad), { minLength: 1, maxLength: 12 }), async (plan) => {
        const content = plan.map((line, i) => line ?? patient(`p${i}`)).join('\n');
        const items = await readContent(`${content}\n${patient('last')}`);
        const good = plan.flatMap((line, i) => (line === null ? [`${i + 1} Patient/p${i}`] : []));
        const arrived = items.filter((item) => item.kind !== 'refused');
        expect(brief(arrived)).toEqual([...good, `${plan.length + 1} Patient/last`]);
        // Neighbours that are both cut off may pass for one broken document.
        const stretches = plan.filter((line, i) => line !== null && (plan[i - 1] ?? null) === null).length;
        const refused = items.length - arrived.length;
        expect(refused).toBeGreaterThanOrEqual(stretches);
        expect(refused).toBeLessThanOrEqual(plan.length - good.length);
      }),
      { numRuns: 300 },
    );
  });

  test('lines that all begin with white space are lines nevertheless', async () => {
    const cut = '  {"resourceType":"Patient","name":[{"text":"x"},';
    expect(brief(await readContent(`${cut}\n  ${patient('a')}\n  ${patient('b')}`))).toEqual([
      ...['1 invalid-json', '2 Patient/a', '3 Patient/b'],
    ]);
  });

  test('a contained resource of a document that breaks is not taken for one of its own', async () => {
    const document =
      '{\n"resourceType":"Condition",\n"contained": [\n  {"resourceType":"Patient","id":"inner"}\n], oops\n}';
    expect(brief(await readContent(document))).toEqual(['5 invalid-json']);
  });

  test('a document cut off or broken is one refusal with its line; what follows is read', async () => {
    const lines = JSON.stringify(BUNDLE, null, 2).split('\n');
    const cut = lines.slice(0, 9).join('\n');
    expect(brief(await readContent(cut))).toEqual(['9 invalid-json']);
    expect(brief(await readContent(`${cut}\n${GOOD}`))).toEqual([
      '10 invalid-json',
      '10 Patient/a',
      '11 Patient/b',
      '12 Patient/c',
    ]);
    const broken = lines.with(6, '  oops').join('\n');
    expect(brief(await readContent(broken))).toEqual(['7 invalid-json']);
    const after = await readContent(`${broken}\n${PRETTY}\n${GOOD}`);
    expect(brief(after)).toEqual(['7 invalid-json', '25 Patient/p', '34 Patient/a', '35 Patient/b', '36 Patient/c']);
    expect(after[0]).toMatchObject({ message: expect.stringContaining('begins on line 1 is broken here') });
  });

  test('of a document, bytes that are not UTF-8 and too many levels are told with their line', async () => {
    const utf8 = Buffer.concat([Buffer.from('{\n"id":\n"'), Buffer.from([0xff]), Buffer.from(`"\n}\n${GOOD}`)]);
    expect(brief(await readContent(utf8)).slice(0, 2)).toEqual(['3 invalid-utf8', '5 Patient/a']);
    expect(brief(await readContent('[\n'.repeat(100_000)))).toEqual(['65 too-deep']);
  });

  test('XML and UTF-16 are one refusal each', async () => {
    expect(brief(await readContent('<?xml version="1.0"?>\n<Patient>\n<id value="a"/>\n</Patient>\n'))).toEqual([
      '1 invalid-json',
    ]);
    expect(brief(await readContent(`<html>\n502\n</html>\n${patient('a')}`))).toEqual([
      '1 invalid-json',
      '4 Patient/a',
    ]);
    expect(brief(await readContent(Buffer.from(`\uFEFF${GOOD}`, 'utf16le')))).toEqual(['1 invalid-utf8']);
  });

  test('lines and documents over the limit', async () => {
    const long = `"${'x'.repeat(300)}"`;
    const limits = { maxLineBytes: 200, maxDocumentBytes: 400 };
    const line = `${patient('a')}\n${long}\n${patient('b')}\n${long}`;
    expect(brief(await readContent(line, limits))).toEqual([
      '1 Patient/a',
      '2 line-too-long',
      '3 Patient/b',
      '4 line-too-long',
    ]);
    const document = `[\n${'1,\n'.repeat(200)}1]\n${patient('a')}`;
    expect(brief(await readContent(document, limits))).toEqual(['134 document-too-long', '203 Patient/a']);
  });

  test('a line of 200 MB is passed by without being kept', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const chunk = Buffer.alloc(1024 * 1024, 0x61);
    let most = 0;
    async function* stdin() {
      yield Buffer.from(`${patient('a')}\n`);
      for (let i = 0; i < 200; i++) {
        yield Buffer.from(chunk);
        if (i % 20 !== 0) continue;
        collectGarbage();
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
      yield Buffer.from(`\n${patient('b')}\n`);
    }
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const items = await readPaths(['-'], { stdin: stdin(), maxLineBytes: 8 * 1024 * 1024 });
    expect(brief(items)).toEqual(['1 Patient/a', '2 line-too-long', '3 Patient/b']);
    expect(most - before).toBeLessThan(40 * 1024 * 1024);
  });
});

describe('files that break off', () => {
  const many = Array.from({ length: 5000 }, (_, i) => patient(`p-${i}-${(i * 7919) % 104729}`));

  test('gzip cut off anywhere: what is before the cut, then one refusal', async () => {
    const packed = gzipSync(`${many.join('\n')}\n`);
    const whole = brief(await readContent(packed));
    expect(whole).toHaveLength(5000);
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      const items = brief(await readContent(packed.subarray(0, packed.length * share)));
      const last = items.pop();
      expect(last).toBe(`${items.length + 1} gzip-broken`);
      expect(items).toEqual(whole.slice(0, items.length));
      expect(items.length).toBeGreaterThan(5000 * share * 0.5);
    }
    expect(brief(await readContent(packed.subarray(0, 2)))).toEqual(['1 gzip-broken']);
  });

  test('only the trailer missing: every line, then the refusal', async () => {
    const packed = gzipSync(GOOD);
    expect(brief(await readContent(packed.subarray(0, -4)))).toEqual([
      '1 Patient/a',
      '2 Patient/b',
      '3 Patient/c',
      '3 gzip-broken',
    ]);
    const document = gzipSync(PRETTY);
    expect(brief(await readContent(document.subarray(0, -1)))).toEqual(['1 Patient/p', '9 gzip-broken']);
  });

  test('a gzip file damaged in the middle, and one with rubbish behind it', async () => {
    const packed = gzipSync(`${many.join('\n')}\n`);
    packed.fill(0xff, 15_000, 15_064);
    const damaged = brief(await readContent(packed));
    expect(damaged.filter((item) => item.endsWith('gzip-broken'))).toHaveLength(1);
    expect(damaged.slice(0, 1000)).toEqual(
      many.slice(0, 1000).map((line, i) => `${i + 1} Patient/${JSON.parse(line).id}`),
    );
    const rubbish = brief(await readContent(Buffer.concat([gzipSync(`${many.join('\n')}\n`), Buffer.from('rubbish')])));
    expect(rubbish.at(-1)).toMatch(/gzip-broken$/);
  });

  test('a file that cannot be opened, or whose reading fails halfway', async () => {
    const dir = await folder();
    await mkdir(join(dir, 'sub'));
    await writeFile(join(dir, 'next'), patient('n'));
    const files = ['sub', 'gone', 'next'].map((name) => ({ name, path: join(dir, name), bytes: 1 }));
    expect(brief(await all(readFeed(files)))).toEqual(['1 file-unreadable', '1 file-unreadable', '1 Patient/n']);
    async function* stdin() {
      yield Buffer.from(`${GOOD}\n{"resourceTy`);
      throw Object.assign(new Error('read'), { code: 'EIO', syscall: 'read' });
    }
    const items = await readPaths(['-'], { stdin: stdin() });
    expect(brief(items)).toEqual(['1 Patient/a', '2 Patient/b', '3 Patient/c', '4 file-unreadable']);
  });

  test('a mistake of ours is not taken for a bad file', async () => {
    async function* stdin(): AsyncGenerator<Buffer> {
      yield Buffer.from(GOOD);
      throw new TypeError('bug');
    }
    await expect(readPaths(['-'], { stdin: stdin() })).rejects.toThrow('bug');
  });

  test('a reader that stops early leaves nothing open', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'a.gz'), gzipSync(many.join('\n')));
    for await (const item of readFeed([{ name: 'a.gz', path: join(dir, 'a.gz'), bytes: 1 }])) {
      expect(item.kind).toBe('resource');
      break;
    }
  });
});

test('no refusal repeats what the file says', async () => {
  const secret = 'Zhang-San-440106';
  const contents = [secret, `{"${secret}`, `{"name":"${secret}"}`, `["${secret}"]`, `{\n"${secret}"\n}`, `<${secret}>`];
  for (const content of contents) {
    const [item] = await readContent(content);
    expect(item).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify({ ...item, place: null })).not.toContain(secret);
  }
});
