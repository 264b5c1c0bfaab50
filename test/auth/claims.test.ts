import { checkClaims } from '../../src/auth/claims.ts';
import { isAuthRefusal } from '../../src/auth/refusal.ts';

const AUD = 'https://gateway.example/auth/token';
const NOW = 1_750_000_000;
const GOOD = { iss: 'c', sub: 'c', aud: AUD, exp: NOW + 300, jti: 'j1' };

/** The code of the refusal, or what is left of good claims. */
function outcome(changed: Record<string, unknown>) {
  const checked = checkClaims({ ...GOOD, ...changed } as never, AUD, NOW);
  return isAuthRefusal(checked) ? checked.code : checked;
}
const good = (exp: number, jti = 'j1') => ({ jti, until: exp + 60 });

test.each<[string, Record<string, unknown>, unknown]>([
  ['as SMART says', {}, good(NOW + 300)],
  ['aud as a list of one', { aud: [AUD] }, good(NOW + 300)],
  ['aud as a list of two', { aud: [AUD, 'https://other.example'] }, 'assertion-audience'],
  ['aud with a slash more', { aud: `${AUD}/` }, 'assertion-audience'],
  ['aud of the base', { aud: 'https://gateway.example' }, 'assertion-audience'],
  ['aud in capitals', { aud: AUD.toUpperCase() }, 'assertion-audience'],
  ['no aud', { aud: undefined }, 'assertion-audience'],
  ['no exp', { exp: undefined }, 'assertion-expiry'],
  ['exp as text', { exp: String(NOW + 300) }, 'assertion-expiry'],
  ['exp without end', { exp: Number.POSITIVE_INFINITY }, 'assertion-expiry'],
  ['expired a skew ago', { exp: NOW - 60 }, 'assertion-expired'],
  ['expired less than a skew ago', { exp: NOW - 59 }, good(NOW - 59)],
  ['exp a skew over five minutes ahead', { exp: NOW + 360 }, good(NOW + 360)],
  ['exp farther ahead', { exp: NOW + 361 }, 'assertion-long'],
  ['exp with a fraction', { exp: NOW + 100.5 }, good(NOW + 101)],
  ['nbf within the skew', { nbf: NOW + 60 }, good(NOW + 300)],
  ['nbf later', { nbf: NOW + 61 }, 'assertion-early'],
  ['nbf as text', { nbf: 'now' }, 'assertion-early'],
  ['iat now', { iat: NOW }, good(NOW + 300)],
  ['iat in the future', { iat: NOW + 61 }, 'assertion-issued'],
  ['iat a life and a skew before exp', { iat: NOW - 60 }, good(NOW + 300)],
  ['iat long before exp', { iat: NOW - 61 }, 'assertion-issued'],
  ['iat null', { iat: null }, 'assertion-issued'],
  ['no jti', { jti: undefined }, 'assertion-jti'],
  ['empty jti', { jti: '' }, 'assertion-jti'],
  ['jti as a number', { jti: 7 }, 'assertion-jti'],
  ['jti of 200 characters', { jti: 'j'.repeat(200) }, good(NOW + 300, 'j'.repeat(200))],
  ['jti of 201 characters', { jti: 'j'.repeat(201) }, 'assertion-jti'],
])('%s', (_, changed, expected) => {
  expect(outcome(changed)).toEqual(expected);
});
