import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printed } from '../pipeline/command-line.ts';
import { folder, HOME } from '../pipeline/gateway.ts';

// The published data are kept beside the project, not in it.
const DATA = join(HOME, '..', 'shared', 'data');
const published = existsSync(DATA) ? test : test.skip;

interface Outcome {
  code: number;
  subjects: string;
  quarantine: Record<string, unknown>[];
  summary: { resources: Record<'read' | 'accepted' | 'ignored' | 'quarantined', number>; subjects: number };
}

async function screened(...names: string[]): Promise<Outcome> {
  const out = await folder();
  const paths = names.map((name) => join(DATA, name));
  const { code } = await printed('screen', '--site', 'nf', '--as-of', '2025-06-01', '--out', out, ...paths);
  const read = (name: string) => readFile(join(out, name), 'utf8');
  const quarantine = (await read('quarantine.ndjson')).split('\n').filter(Boolean);
  return {
    code,
    subjects: await read('subjects.ndjson'),
    quarantine: quarantine.map((line) => JSON.parse(line)),
    summary: JSON.parse(await read('summary.json')),
  };
}

published('synthetic patients without a liver disease of the study: no subject, nothing set aside', async () => {
  const { code, subjects, quarantine, summary } = await screened('synthea-10', 'synthea-bundles');
  expect({ code, subjects, quarantine, inSummary: summary.subjects }).toEqual({
    code: 0,
    subjects: '',
    quarantine: [],
    inSummary: 0,
  });
  const { read, accepted, ignored, quarantined } = summary.resources;
  expect(read).toBe(6729);
  expect([accepted + ignored, quarantined]).toEqual([read, 0]);
}, 240_000);

published('each published R4 example is taken in or refused with a reason', async () => {
  const { code, quarantine, summary } = await screened('hl7-r4-examples');
  expect(code).toBe(1);
  const { read, accepted, ignored, quarantined } = summary.resources;
  expect(accepted + ignored + quarantined).toBe(read);
  expect(quarantined).toBe(quarantine.length);
  for (const row of quarantine) {
    const { file, line, reason, expression, message } = row;
    expect(Object.keys(row)).toEqual(expect.arrayContaining(['file', 'line', 'reason', 'expression']));
    expect(String(file).startsWith(DATA)).toBe(true);
    expect(line === null || (line as number) >= 1).toBe(true);
    expect(reason).toMatch(/^[a-z0-9-]+$/);
    expect(expression === null || /^[A-Z][A-Za-z]+(\.|$)/.test(expression as string)).toBe(true);
    expect(String(message).length).toBeGreaterThan(20);
  }
}, 240_000);

published('no published example vanishes: each file alone gives something read', async () => {
  const files = (await readdir(join(DATA, 'hl7-r4-examples'))).sort();
  expect(files.length).toBeGreaterThan(0);
  const { summary } = await screened('hl7-r4-examples');
  // Every file holds at least one resource; Bundles hold more.
  expect(summary.resources.read).toBeGreaterThanOrEqual(files.length);
}, 240_000);
