import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shelf } from '../../src/kept/shelf.ts';

const FILE = 'things.kept';

const place = () => mkdtemp(join(tmpdir(), 'kept-'));
const shelf = (folder: string, mark = 'one') => new Shelf(folder, 'things', mark);

/** A folder in which two things were kept. */
async function filled(): Promise<string> {
  const folder = await place();
  const first = shelf(folder);
  first.keep('a: 1', { a: 1 });
  first.keep('long\ntext', ['ü', '肝', null, '\ud800']);
  first.settle();
  return folder;
}

test('what was kept is recalled by its content, by a later shelf, and made anew each time', async () => {
  const later = shelf(await filled());
  expect(later.recall('a: 1')).toEqual({ a: 1 });
  expect(later.recall('a: 1')).not.toBe(later.recall('a: 1'));
  expect(later.recall('long\ntext')).toEqual(['ü', '肝', null, '\ud800']);
  expect(later.recall('a: 2')).toBeUndefined();
});

test('a folder that is not there yet is made; what nobody kept is not written', async () => {
  const folder = join(await place(), 'deep', 'folder');
  const none = shelf(folder);
  expect(none.recall('a: 1')).toBeUndefined();
  none.settle();
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
  none.keep('a: 1', 7);
  none.settle();
  expect(await readdir(folder)).toEqual([FILE]);
  expect(shelf(folder).recall('a: 1')).toBe(7);
});

test.each([
  ['is empty', () => Buffer.alloc(0)],
  ['is cut short', (whole: Buffer) => whole.subarray(0, -9)],
  ['is cut short after a line', (whole: Buffer) => whole.subarray(0, whole.lastIndexOf(10, -2) + 1)],
  [
    'has another value',
    (whole: Buffer) => Buffer.from(whole.toString('latin1').replace('{"a":1}', '{"a":2}'), 'latin1'),
  ],
  ['has another hash', (whole: Buffer) => Buffer.concat([Buffer.from('0'), whole.subarray(1)])],
  ['is something else', () => Buffer.from('no line feed')],
])('a file that %s counts as empty, and is replaced', async (_name, changed) => {
  const folder = await filled();
  const before = await readFile(join(folder, FILE));
  expect(changed(before)).not.toEqual(before);
  await writeFile(join(folder, FILE), changed(before));
  const next = shelf(folder);
  expect(next.recall('a: 1')).toBeUndefined();
  next.keep('a: 1', { a: 1 });
  next.settle();
  expect(shelf(folder).recall('a: 1')).toEqual({ a: 1 });
});

test('what was found sound is recalled also when the file is removed meanwhile, and not when it is cut', async () => {
  const [removed, cut] = [await filled(), await filled()];
  const shelves = [shelf(removed), shelf(cut)];
  for (const one of shelves) expect(one.recall('a: 1')).toEqual({ a: 1 });
  await rm(join(removed, FILE));
  await truncate(join(cut, FILE), 100);
  expect(shelves.map((one) => one.recall('long\ntext'))).toEqual([['ü', '肝', null, '\ud800'], undefined]);
});

test('a file of another mark counts as empty', async () => {
  const folder = await filled();
  expect(shelf(folder, 'two').recall('a: 1')).toBeUndefined();
  expect(shelf(folder, 'one').recall('a: 1')).toEqual({ a: 1 });
});

test.each([
  ['a file stands where the folder should be', (folder: string) => writeFile(folder, '')],
  ['a folder stands where the file should be', (folder: string) => mkdir(join(folder, FILE), { recursive: true })],
])('%s: nothing is kept, and nobody is told', async (_name, prepare) => {
  const folder = join(await place(), 'folder');
  await prepare(folder);
  const kept = shelf(folder);
  expect(kept.recall('a: 1')).toBeUndefined();
  kept.keep('a: 1', 1);
  kept.settle();
  expect(kept.recall('a: 1')).toBe(1);
  expect(shelf(folder).recall('a: 1')).toBeUndefined();
  expect(await readdir(folder).catch(() => [])).toEqual(_name.startsWith('a folder') ? [FILE] : []);
});

test('only the owner may read the file, and no half-written one stays', async () => {
  const folder = await filled();
  await chmod(folder, 0o700);
  const again = shelf(folder);
  again.keep('b', 2);
  again.settle();
  expect(await readdir(folder)).toEqual([FILE]);
  const { stat } = await import('node:fs/promises');
  expect((await stat(join(folder, FILE))).mode & 0o777).toBe(0o600);
});

test.each([[undefined], [Number.NaN], [-0], [{ a: undefined }], [new Date(0)], [new Map([[1, 2]])]])(
  'what JSON would give back otherwise is not kept: %p',
  async (value) => {
    const folder = await place();
    const kept = shelf(folder);
    kept.keep('odd', value);
    expect(kept.recall('odd')).toBeUndefined();
  },
);

test('what this run did not use stays as long as there is room', async () => {
  const folder = await filled();
  const large = shelf(folder);
  large.keep('large', 'x'.repeat(9 * 1024 * 1024));
  large.settle();
  const next = shelf(folder);
  expect(next.recall('a: 1')).toEqual({ a: 1 });
  next.keep('b', 2);
  next.settle();
  const last = shelf(folder);
  expect([last.recall('a: 1'), last.recall('b'), last.recall('large')]).toEqual([{ a: 1 }, 2, undefined]);
});
