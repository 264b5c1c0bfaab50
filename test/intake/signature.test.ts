import { createHmac } from 'node:crypto';
import { checkSignature, SIGNATURE_HEADERS } from '../../src/intake/signature.ts';

const SECRET = Buffer.from('a secret of the hospital');
const BODY = Buffer.from('{"resourceType":"Patient","id":"p1"}');
const digits = (body: Buffer, secret: Buffer) => createHmac('sha256', secret).update(body).digest('hex');
const GOOD = digits(BODY, SECRET);
const check = (headers: Record<string, string | string[]>, secrets = [SECRET], body = BODY) =>
  checkSignature(body, headers, SIGNATURE_HEADERS, secrets);

test('the value of RFC 4231, case 2', () => {
  const mac = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const body = Buffer.from('what do ya want for nothing?');
  expect(check({ 'x-signature': mac }, [Buffer.from('Jefe')], body)).toBe('valid');
});

test.each([
  ['Medplum', { 'x-signature': GOOD }, 'valid'],
  ['WebSub', { 'x-hub-signature-256': `sha256=${GOOD}` }, 'valid'],
  ['capitals', { 'x-hub-signature-256': `SHA256=${GOOD.toUpperCase()}` }, 'valid'],
  ['none', {}, 'missing'],
  ['another header', { signature: GOOD }, 'missing'],
  ['empty', { 'x-signature': '' }, 'invalid'],
  ['too short', { 'x-signature': GOOD.slice(2) }, 'invalid'],
  ['another algorithm', { 'x-hub-signature-256': `sha1=${GOOD}` }, 'invalid'],
  ['of another body', { 'x-signature': digits(Buffer.from('{}'), SECRET) }, 'invalid'],
  ['under another secret', { 'x-signature': digits(BODY, Buffer.from('other')) }, 'invalid'],
  ['several', { 'x-signature': [GOOD, GOOD] }, 'invalid'],
  ['a wrong one before a right one', { 'x-hub-signature-256': 'sha256=00', 'x-signature': GOOD }, 'invalid'],
])('%s: %j', (_, headers, expected) => {
  expect(check(headers as Record<string, string>)).toBe(expected);
});

test('while a secret is changed, both sign; without any secret nothing is valid', () => {
  const next = Buffer.from('the next secret');
  expect(check({ 'x-signature': GOOD }, [next, SECRET])).toBe('valid');
  expect(check({ 'x-signature': digits(BODY, next) }, [next, SECRET])).toBe('valid');
  expect(check({ 'x-signature': GOOD }, [next])).toBe('invalid');
  expect(check({ 'x-signature': GOOD }, [])).toBe('invalid');
});
