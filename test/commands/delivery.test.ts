import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifiersOfFeed } from '../../src/commands/scan.ts';
import { createScanner } from '../../src/identity/scanner.ts';
import { type FhirServer, openFhirServer } from '../delivery/server.ts';
import { theirs } from '../delivery/world.ts';
import { AS_OF, command, folder, PROGRAM } from './command.ts';
import { ndjson, person } from './people.ts';

let out: string;
let server: FhirServer;
let where: string[];
beforeEach(async () => {
  server = await openFhirServer();
  out = await folder();
  await mkdir(join(out, 'targets'));
  const text = `id: hub\nbase: ${server.url}\nside: study\nwithdrawal: delete\nauth: { kind: none }\n`;
  await writeFile(join(out, 'targets', 'hub.yaml'), text);
  await writeFile(join(out, 'feed.ndjson'), ndjson(...person(1)));
  where = ['--store', join(out, 'study-gateway.sqlite'), '--targets', join(out, 'targets')];
  const screened = await command('screen', ...AS_OF, '--out', out, '--targets', where[3]!, join(out, 'feed.ndjson'));
  expect(screened.code).toBe(0);
});
afterEach(() => server.close());

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
});

test('list, verify, list again, and what of one person has left', async () => {
  const before = await command('delivery', 'list', ...where);
  expect(before.stdout).toMatch(/│ hub +│ Patient +│ waiting │ 1 +│/);
  const verified = await command('delivery', 'verify', 'hub', ...where);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  expect(verified.stdout).toMatch(/│ waiting +│ \d+ +│ 0 +│/);
  const arrived = Object.keys(await theirs(server));
  expect(arrived.length).toBeGreaterThan(10);
  expect((await command('delivery', 'list', 'hub', ...where)).stdout).toMatch(/│ Patient +│ done +│ 1 +│/);
  const subject = arrived.find((name) => name.startsWith('ResearchSubject/'))!.split('/')[1]!;
  const released = await command('delivery', 'list', '--subject', subject, ...where);
  expect(released.stdout.match(/│ there +│/g)).toHaveLength(arrived.length);
  expect((await command('delivery', 'list', 'elsewhere', ...where)).stdout).toBe(
    'Nothing is to be delivered, and nothing was.\n',
  );
});

test('nothing that leaves, in body or address, nor what is printed names anybody', async () => {
  const verified = await command('delivery', 'verify', 'hub', ...where);
  const list = await command('delivery', 'list', ...where);
  const left = [...server.received, ...server.asked, verified.stdout, list.stdout].join('\n');
  expect(left.length).toBeGreaterThan(10_000);
  const { identifiers } = await identifiersOfFeed([join(out, 'feed.ndjson')]);
  const scanner = createScanner(identifiers);
  expect(scanner.texts).toBeGreaterThan(10);
  const found: unknown[] = [];
  for await (const hit of scanner.scan({ name: 'left', content: [Buffer.from(left)] })) found.push(hit);
  expect(found).toEqual([]);
});

test('what is refused is listed with what to do; retry lets it wait again', async () => {
  server.refuses = ({ resourceType }) => (resourceType === 'Consent' ? 422 : null);
  expect((await command('delivery', 'verify', 'hub', ...where)).code).toBe(1);
  const list = await command('delivery', 'list', ...where);
  expect(list.stdout).toMatch(/│ hub +│ Consent\/[a-z2-7]{26} │ refused │ 1 +│ The server does not accept/);
  server.refuses = () => null;
  expect((await command('delivery', 'retry', 'hub', ...where)).stdout).toBe(
    '1 resources wait to be delivered again.\n',
  );
  expect((await command('delivery', 'verify', 'hub', ...where)).code).toBe(0);
});

test('an unknown target, mistakes in a file, and a secret that is missing end the command', async () => {
  expect(await command('delivery', 'verify', 'hut', ...where)).toMatchObject({
    code: 2,
    stderr: 'There is no target "hut": known are hub.\n',
  });
  const file = join(out, 'targets', 'hub.yaml');
  await writeFile(file, `id: hub\nbase: ${server.url}\nside: study\nwithdrawal: delete\nauth: { kind: bearer }\n`);
  expect((await command('delivery', 'verify', 'hub', ...where)).stderr).toBe(
    'Target hub needs target-hub.token in the key folder: put it there, with chmod 600.\n',
  );
  await writeFile(file, 'id: hub\nside: nowhere\n');
  const wrong = await command('screen', ...AS_OF, '--out', out, '--targets', where[3]!, join(out, 'feed.ndjson'));
  expect([wrong.code, wrong.stderr.split('\n').slice(0, 2)]).toEqual([
    2,
    ['The targets have mistakes:', 'hub.yaml:2 side: give one of study, hospital'],
  ]);
});

test('the service delivers; killed between sending and writing down, it sends again, and nothing is there twice', async () => {
  server.faults.push({ kind: 'done-then-silence' });
  const first = serve();
  await until(() => server.received.length === 1);
  await server.quiet();
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await server.all()).toHaveLength(8);
  const second = serve();
  await until(() => second.text().includes('"event":"delivered"'));
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  const verified = await command('delivery', 'verify', 'hub', ...where);
  expect([verified.code, Object.keys(await theirs(server)).length]).toEqual([0, 19]);
  expect(verified.stdout).toMatch(/│ equal +│ \d+ +│ 19 +│/);
  const told = second.log().filter(({ event }) => event === 'delivered');
  expect(told[0]).toMatchObject({ part: 'hub', codes: ['done'] });
}, 60_000);

function serve() {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0', ...where], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const log = () =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
  return { child, ended, log, text: () => text };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
