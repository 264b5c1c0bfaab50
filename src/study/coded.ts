import type { Words } from './model.ts';

/** A stable code with what people read. */
export interface Coded<Code> {
  code: Code;
  words: Words;
}

/** Codes with their words, each once, in the order of the list: never in that of the input. */
export function coded<Code extends string>(
  all: Readonly<Record<Code, Words>>,
  codes: ReadonlySet<Code>,
): Coded<Code>[] {
  return (Object.keys(all) as Code[]).filter((code) => codes.has(code)).map((code) => ({ code, words: all[code] }));
}
