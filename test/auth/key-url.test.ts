import { checkKeyUrl } from '../../src/auth/key-url.ts';

const settings = { jwksHosts: ['ehr.example', 'ehr.example:8443', '127.0.0.1:9000', 'localhost'], loopbackHttp: true };

test.each<[string, string | null]>([
  ['https://ehr.example/jwks.json', null],
  ['https://ehr.example:443/jwks.json?x=1', null],
  ['https://EHR.example/jwks.json', null],
  ['https://ehr.example:8443/', null],
  ['https://ehr.example:8444/', 'jwks-host'],
  ['https://ehr.example.evil.example/', 'jwks-host'],
  ['https://sub.ehr.example/', 'jwks-host'],
  ['https://ehr.example./', 'jwks-host'],
  ['https://169.254.169.254/latest', 'jwks-host'],
  ['http://ehr.example/jwks.json', 'jwks-url'],
  ['http://127.0.0.1:9000/jwks', null],
  ['http://0177.0.0.1:9000/jwks', null],
  ['http://localhost/jwks', null],
  ['http://127.0.0.1.evil.example/', 'jwks-url'],
  ['https://user@ehr.example/', 'jwks-url'],
  ['https://:secret@ehr.example/', 'jwks-url'],
  ['https://ehr.example/#a', 'jwks-url'],
  ['file:///etc/passwd', 'jwks-url'],
  ['data:application/json,{}', 'jwks-url'],
  ['ehr.example', 'jwks-url'],
  ['', 'jwks-url'],
])('%s: %s', (url, expected) => {
  expect(checkKeyUrl(url, settings)?.code ?? null).toBe(expected);
});

test('http on loopback only where the settings say so', () => {
  const closed = { ...settings, loopbackHttp: false };
  expect(checkKeyUrl('http://127.0.0.1:9000/jwks', closed)?.code).toBe('jwks-url');
  expect(checkKeyUrl('https://127.0.0.1:9000/jwks', closed)).toBeNull();
});
