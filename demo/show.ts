import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../src/cli.ts';

/** The day of the demo: its expectations hold on it. */
const AS_OF = '2025-06-01';

/** What the demo shows, one part after another; each works on the store that `screen` leaves in `out`. */
const PARTS: Readonly<Record<string, { title: string; show: (out: string) => Promise<number> }>> = {
  screen: { title: 'Screening', show: (out) => run(['demo', '--out', out]) },
  delivery: {
    title: 'Delivery into a FHIR server in this process',
    show: async (out) => (await import('./delivery.ts')).showDelivery(out),
  },
  api: {
    title: 'The research API, read by a registry',
    show: async (out) => (await import('./research-api.ts')).showResearchApi(out),
  },
  release: { title: 'A release with its tables', show: (out) => run(releaseOf(out)) },
};

function releaseOf(out: string): string[] {
  const where = ['--store', join(out, 'study-gateway.sqlite'), '--out', join(out, 'releases')];
  return ['release', 'make', 'liver-omics', '--by', 'dr.wang', '--as-of', AS_OF, ...where];
}

/** Shows all parts, or those that are named. @returns the first exit code that is not 0 */
export async function show(args: readonly string[]): Promise<number> {
  const options = { out: { type: 'string', default: 'demo-out' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    process.stderr.write(`The parts of the demo are ${Object.keys(PARTS).join(', ')}.\n`);
    return 2;
  }
  for (const [name, part] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    if (name !== 'screen') process.stdout.write(`\n== ${part.title}\n`);
    const code = await part.show(values.out);
    if (code !== 0) return code;
  }
  return 0;
}

if (import.meta.main) process.exitCode = await show(process.argv.slice(2));
