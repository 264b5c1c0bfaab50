import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGE, REQUIRED_SETS } from '../../src/study/language.ts';

const DOC = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'study-language.md'), 'utf8');

test('every variable, function and required set of the language is documented', () => {
  const variables = Object.keys(LANGUAGE.variables).map((name) => `%${name}`);
  const functions = Object.keys(LANGUAGE.functions).map((name) => `${name}(`);
  expect([...variables, ...functions, ...REQUIRED_SETS].filter((name) => !DOC.includes(name))).toEqual([]);
});
