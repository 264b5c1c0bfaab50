import { type ChildProcess, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { command, folder, program } from './command.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const children: ChildProcess[] = [];
afterAll(() => {
  // A test that failed must not leave a service behind: npm and what it started are one group.
  for (const { pid, exitCode } of children) if (exitCode === null) process.kill(-pid!, 'SIGKILL');
});

/** `npm start`, as an operator types it, until it says where it listens. */
async function npmStart(...args: string[]) {
  const child = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.push(child);
  const texts = { stdout: '', stderr: '' };
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      texts.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      texts.stderr += chunk;
      const found = /listens at (http:\S+)\.\n/.exec(texts.stderr);
      if (found) resolve(found[1]!);
    });
    void ended.then((code) => reject(new Error(`ended with ${code}: ${texts.stderr}`)));
  });
  return { child, texts, ended, url };
}

test('npm start listens, is ready, says how to get a first client, and ends with 0 on SIGTERM', async () => {
  const at = await folder();
  const { child, texts, ended, url } = await npmStart('--port', '0', '--store', join(at, 'store.sqlite'));
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      ready: true,
      parts: Object.fromEntries(
        ['service', 'store', 'keys', 'study', 'reading'].map((part) => [part, { ready: true }]),
      ),
    },
  ]);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('study_gateway_resident_memory_bytes');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(texts.stderr).toContain('npx study-gateway client add');
  const events = texts.stdout.trimEnd().split('\n');
  expect(events.map((line) => JSON.parse(line).event)).toEqual([
    'listening',
    'request',
    'request',
    'request',
    'stopping',
    'stopped',
  ]);
  // WAL and shared memory are gone: the store was closed.
  await expect(access(join(at, 'store.sqlite-wal'))).rejects.toThrow();
});

test('wrong settings: all told at once, nothing is made', async () => {
  const at = await folder();
  const store = join(at, 'store.sqlite');
  const env = { ...process.env, STUDY_GATEWAY_MAX_DEPTH: 'x' };
  const done = program(['serve', '--port', 'x', '--store', store], { env });
  expect(done).toEqual({
    code: 2,
    stdout: '',
    stderr: [
      'The settings have mistakes:',
      '--port: give a whole number from 0 to 65535.',
      'STUDY_GATEWAY_MAX_DEPTH: give a whole number from 8 to 512.',
      '',
    ].join('\n'),
  });
  await expect(access(store)).rejects.toThrow();
});

test('a port that is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await command('serve', '--port', String(port), '--store', join(await folder(), 's.sqlite'));
  other.close();
  expect([code, stderr]).toEqual([
    2,
    `Cannot listen at 127.0.0.1, port ${port}: the port is taken; stop what listens there, or give --port.\n`,
  ]);
});

test('config prints every setting; a wrong one ends it with 2, after the table', async () => {
  const good = await command('config', '--port', '8099');
  expect(good.code).toBe(0);
  expect(good.stdout).toMatch(/port .* STUDY_GATEWAY_PORT .* 8080 .* 8099 \(command line\) /);
  const bad = await command('config', '--port', '99999');
  expect([bad.code, bad.stderr]).toEqual([
    2,
    'The settings have mistakes:\n--port: give a whole number from 0 to 65535.\n',
  ]);
  expect(bad.stdout).toMatch(/port .* STUDY_GATEWAY_PORT .* 8080 .* \(wrong\) /);
});
