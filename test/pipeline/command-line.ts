import { run } from '../../src/cli.ts';

/** What a command printed, and its exit code. */
export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line in this process and catches what it prints. */
export async function printed(...args: string[]): Promise<Printed> {
  const caught = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const before = streams.map((name) => process[name].write);
  for (const name of streams) {
    process[name].write = ((text: string | Uint8Array) => {
      caught[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
      return true;
    }) as typeof process.stdout.write;
  }
  try {
    return { code: await run(args), ...caught };
  } finally {
    for (const [at, name] of streams.entries()) process[name].write = before[at]!;
  }
}
