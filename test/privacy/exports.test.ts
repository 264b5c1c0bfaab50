import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoApi, openDemoApi } from '../../demo/research-api.ts';
import { identifiersOfFeed } from '../../src/commands/scan.ts';
import { createScanner } from '../../src/identity/scanner.ts';
import { printed } from '../pipeline/command-line.ts';
import { folder, HOME } from '../pipeline/gateway.ts';

let out: string;
let api: DemoApi;
/** Everything that came back, with its headers. */
const answers: string[] = [];
beforeAll(async () => {
  out = await folder();
  await printed('demo', '--out', out);
  api = await openDemoApi(out);
}, 240_000);
afterAll(() => api.close());

async function ask(address: string): Promise<Response> {
  const headers = { authorization: `Bearer ${api.token}`, prefer: 'respond-async' };
  const answer = await fetch(address, { headers });
  answers.push(address, JSON.stringify([...answer.headers]), await answer.clone().text());
  return answer;
}

test('the identifier scanner finds nothing in an export of all that a registry may have: files, names, manifest', async () => {
  const begun = await ask(`${api.url}/fhir/$export`);
  const status = begun.headers.get('content-location')!;
  let done = await ask(status);
  while (done.status === 202) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    done = await ask(status);
  }
  const { output } = (await done.json()) as { output: { type: string; url: string; count: number }[] };
  for (const { url } of output) await ask(url);
  const counts = Object.fromEntries(output.map(({ type, count }) => [type, count]));
  expect(counts).toMatchObject({ Patient: 181, ResearchSubject: 181, Specimen: 3 });
  answers.push(...(await readdir(`${join(out, 'study-gateway.sqlite')}.exports`, { recursive: true })));
  const text = answers.join('\n');
  expect(text.length).toBeGreaterThan(500_000);
  const { identifiers } = await identifiersOfFeed([join(HOME, 'demo', 'feed')]);
  const scanner = createScanner(identifiers);
  expect(scanner.texts).toBeGreaterThan(2000);
  const found: unknown[] = [];
  for await (const hit of scanner.scan({ name: 'export', content: [Buffer.from(text)] })) found.push(hit);
  expect(found).toEqual([]);
}, 120_000);
