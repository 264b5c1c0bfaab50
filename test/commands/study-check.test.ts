import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, folder, SITES_FOLDER, STUDY } from './command.ts';

/** A copy of the study with one text replaced in one file; the line on which it stood. */
async function changed(file: string, from: string, to: string): Promise<{ study: string; line: number }> {
  const study = join(await folder(), 'study');
  await cp(STUDY, study, { recursive: true });
  const text = await readFile(join(study, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  await writeFile(join(study, file), text.replace(from, to));
  return { study, line: text.slice(0, text.indexOf(from)).split('\n').length };
}

test('the study as it is has no mistakes; its open questions are told in both languages with the answer in force', async () => {
  const { code, stdout } = await command('study', 'check', 'nct07265544');
  expect(code).toBe(0);
  expect(stdout).toMatch(/8 criteria, .* 3 consent forms, 5 sites\. No mistakes\.$/m);
  expect(stdout).toMatch(/^- Platelets, INR or PT, .*\n {2}血小板.*\n {2}coagulationWindowDays = 30$/m);
});

test.each([
  ['a path that R4 does not have', 'groups.yaml', '"%hemangioma | %fnh"', '"%hemangioma.cod | %fnh"', /cod/],
  ['an unknown variable', 'groups.yaml', '"%hemangioma | %fnh"', '"%hemangiomas | %fnh"', /hemangiomas/],
  ['an unknown ValueSet', 'eligibility.yaml', "memberOf('hbsag')", "memberOf('hbsog')", /hbsog/],
  ['a forbidden function', 'groups.yaml', '"%hemangioma | %fnh"', '"%hemangioma.where(now() > today())"', /now|today/],
  ['no FHIRPath at all', 'groups.yaml', '"%hemangioma | %fnh"', '"%hemangioma | ("', /groups\.yaml/],
])('%s: file, line, path and reason', async (_name, file, from, to, reason) => {
  const { study, line } = await changed(file, from, to);
  const { code, stdout } = await command('study', 'check', study);
  expect(code).toBe(2);
  expect(stdout).toMatch(new RegExp(`^${file}:${line} \\S+: .+`, 'm'));
  expect(stdout).toMatch(reason);
  expect(stdout).toMatch(/^\d+ mistakes?\.$/m);
});

test('a code without quotes', async () => {
  const site = join(await folder(), 'sites');
  await cp(SITES_FOLDER, site, { recursive: true });
  const file = join(site, 'dictionary', 'diagnosis.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('code: "197321007"', 'code: 197321007'));
  const { code, stdout } = await command('study', 'check', 'nct07265544', '--sites', site);
  expect(code).toBe(2);
  expect(stdout).toMatch(/^dictionary\/diagnosis\.yaml:\d+ \S+code: code must be text: put it in quotes/m);
});

test('every mistake is told at once', async () => {
  const { study } = await changed('groups.yaml', '"%hemangioma | %fnh"', '"%one | %fnh"');
  const flags = join(study, 'flags.yaml');
  const text = await readFile(flags, 'utf8');
  await writeFile(flags, text.replace(/expression: "%?/, 'expression: "%two.'));
  const { stdout } = await command('study', 'check', study);
  expect(stdout).toMatch(/^groups\.yaml:.*one/m);
  expect(stdout).toMatch(/^flags\.yaml:.*two/m);
});

test('a study that is not there', async () => {
  const { code, stderr } = await command('study', 'check', 'nct00000000');
  expect(code).toBe(2);
  expect(stderr).toMatch(/There is no study "nct00000000": give a folder, or the name of one under/);
});
