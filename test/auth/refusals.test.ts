import { readFileSync } from 'node:fs';
import { AUTH_REFUSALS } from '../../src/auth/refusal.ts';

test('docs/service-auth.md lists every refusal as it is told', () => {
  const text = readFileSync(new URL('../../docs/service-auth.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const expected = AUTH_REFUSALS.map(({ code, error, message }) => `| \`${code}\` | \`${error}\` | ${message} |`);
  expect(rows).toEqual(expected);
});

test('no message breaks the rules of RFC 6749 5.2 for error_description', () => {
  for (const { message } of AUTH_REFUSALS) expect(message).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
});
