import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listFeed } from '../../src/intake/files.ts';
import { brief, folder, patient, readPaths } from './feeds.ts';

async function tree(files: Record<string, string>): Promise<string> {
  const dir = await folder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), content);
  }
  return dir;
}

async function names(paths: string[], below: string): Promise<string[]> {
  const listing = await listFeed(paths);
  if ('missing' in listing) throw new Error('missing');
  return listing.files.map((file) => file.name.replace(below, ''));
}

describe('listFeed', () => {
  test('folders in the byte order of their names, hidden ones skipped, named files in the order given', async () => {
    const dir = await tree({
      'b.ndjson': '1',
      'B.ndjson': '1',
      'a/2': '1',
      'a/10': '1',
      'a/.hidden': '1',
      '.git/x': '1',
      '肝.json': '1',
      é: '1',
      '！': '1',
      𠮷: '1',
    });
    expect(await names([dir], dir)).toEqual([
      '/B.ndjson',
      '/a/10',
      '/a/2',
      '/b.ndjson',
      '/é',
      '/肝.json',
      '/！',
      '/𠮷',
    ]);
    expect(await names([join(dir, 'b.ndjson'), '-', `${dir}/a/`, '-', join(dir, 'a/.hidden')], dir)).toEqual([
      ...['/b.ndjson', '-', '/a/10', '/a/2', '/a/.hidden'],
    ]);
  });

  test('gives the size, except of standard input', async () => {
    const dir = await tree({ a: '12345' });
    const a = join(dir, 'a');
    expect(await listFeed([a, '-'])).toEqual({
      files: [
        { name: a, path: a, bytes: 5 },
        { name: '-', path: '-', bytes: null },
      ],
    });
  });

  test('names every path that is not there or may not be read', async () => {
    const dir = await tree({ a: '1' });
    await symlink(join(dir, 'nowhere'), join(dir, 'link'));
    expect(await listFeed([join(dir, 'a'), join(dir, 'x'), dir, join(dir, 'a/y')])).toEqual({
      missing: [join(dir, 'x'), join(dir, 'a/y')],
    });
    await chmod(join(dir, 'a'), 0);
    // The superuser may read everything.
    if (process.getuid?.() !== 0) expect(await listFeed([join(dir, 'a')])).toEqual({ missing: [join(dir, 'a')] });
  });

  test('a dangling link inside a folder is one file that cannot be read, and the rest goes on', async () => {
    const dir = await tree({ a: patient('a').toString() });
    await symlink(join(dir, 'nowhere'), join(dir, 'link'));
    expect(brief(await readPaths([dir]))).toEqual(['1 Patient/a', '1 file-unreadable']);
  });

  test('follows links, but not back to a folder above', async () => {
    const dir = await tree({ 'a/1': '1', 'b/2': '1' });
    await symlink(dir, join(dir, 'a/loop'));
    await symlink(join(dir, 'b'), join(dir, 'a/b'));
    expect(await names([dir], dir)).toEqual(['/a/1', '/a/b/2', '/b/2']);
  });

  test('file names that are not UTF-8 are opened all the same', async () => {
    const dir = await folder();
    await writeFile(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xb8, 0xce])]), patient('a'));
    const items = await readPaths([dir]);
    expect(brief(items)).toEqual(['1 Patient/a']);
    expect(items[0]!.place.file).toBe(`${dir}/\uFFFD\uFFFD`);
  });
});
