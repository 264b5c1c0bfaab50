import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SITES_FOLDER, STUDY } from '../commands/command.ts';

const SRC = join(import.meta.dirname, '..', '..', 'src');
/** What Node made of the sources, so that the processes here start sooner. */
const COMPILED = join(tmpdir(), 'kept-compiled');
const FILES = ['definitions.kept', 'shapes.kept', 'sources.kept', 'trees.kept'];

/** Runs `study check` in a process of its own, with a folder for what is kept or without one. */
function check(study: string, kept: string | null): { code: number | null; said: string } {
  const program = [
    `const { keepIn } = await import(${JSON.stringify(join(SRC, 'kept', 'kept.ts'))});`,
    kept === null ? '' : `keepIn(${JSON.stringify(kept)});`,
    `const { run } = await import(${JSON.stringify(join(SRC, 'cli.ts'))});`,
    `process.exitCode = await run(['study', 'check', ${JSON.stringify(study)}, '--sites', ${JSON.stringify(SITES_FOLDER)}]);`,
  ].join('\n');
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED };
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], { env });
  return { code: done.status, said: `${done.stdout}${done.stderr}` };
}

let filled: string;
beforeAll(async () => {
  filled = join(await mkdtemp(join(tmpdir(), 'kept-')), 'kept');
  check(STUDY, filled);
});

/** A copy of the study, and of a folder in which a run over it has kept something. */
async function place(): Promise<{ study: string; kept: string }> {
  const at = await mkdtemp(join(tmpdir(), 'kept-'));
  const [study, kept] = [join(at, 'study'), join(at, 'kept')];
  await cp(STUDY, study, { recursive: true });
  await cp(filled, kept, { recursive: true });
  return { study, kept };
}

async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

test('a run with what an earlier one kept says the same as one without', async () => {
  const { study, kept } = await place();
  expect((await readdir(kept)).sort()).toEqual(FILES);
  const plain = check(study, null);
  expect(plain.code).toBe(0);
  expect(check(study, kept)).toEqual(plain);
});

test.each([
  ['of syntax', 'study.yaml', 'resourceType: ResearchStudy', 'resourceType: [ResearchStudy'],
  ['of shape', 'study.yaml', 'status: ', 'statuss: '],
  ['of a code without quotes', 'valuesets/aptt.yaml', 'code: "14979-9"', 'code: 14979.9'],
  ['of an expression', 'eligibility.yaml', 'memberOf(', 'memberOff('],
])('a fault %s is found, with its line, and found again', async (_name, file, from, to) => {
  const { study, kept } = await place();
  await replaceIn(join(study, file), from, to);
  const plain = check(study, null);
  expect(plain.code).not.toBe(0);
  expect(plain.said).toMatch(new RegExp(`^${file}:\\d+[ :]`, 'm'));
  expect(check(study, kept)).toEqual(plain);
  expect(check(study, kept)).toEqual(plain);
});

test('files that are cut short, or folders in their place, change nothing', async () => {
  const { study, kept } = await place();
  const plain = check(study, null);
  for (const name of FILES) await truncate(join(kept, name), 100);
  expect(check(study, kept)).toEqual(plain);
  for (const name of FILES) {
    await rm(join(kept, name));
    await mkdir(join(kept, name));
  }
  expect(check(study, kept)).toEqual(plain);
  expect((await readdir(kept)).sort()).toEqual(FILES);
});

test('a thread recalls what an earlier run kept, and nothing where its program keeps nothing', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'kept-')), 'kept');
  const kept = JSON.stringify(join(SRC, 'kept', 'kept.ts'));
  const run = (lines: string[]) => {
    const program = [`import { Worker } from 'node:worker_threads';`, `const kept = await import(${kept});`, ...lines];
    return spawnSync(process.execPath, ['--input-type=module', '-e', program.join('\n')]).stdout.toString('utf8');
  };
  const keepIn = `kept.keepIn(${JSON.stringify(folder)});`;
  const inThread = `import(${kept}).then(({ recall }) => console.log(JSON.stringify(recall('trees', 'a'))));`;
  const thread = `new Worker(${JSON.stringify(inThread)}, { eval: true });`;
  run([keepIn, `kept.keep('trees', 'a', { type: 'b' });`]);
  expect(run([keepIn, thread])).toBe('{"type":"b"}\n');
  expect(run([thread])).toBe('undefined\n');
});
