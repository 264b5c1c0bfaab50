import { readdirSync, readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { HOME } from '../../pipeline/gateway.ts';

/** What must never come out, by what it is. */
export type Secrets = ReadonlyMap<string, readonly string[]>;

const FORMS: readonly [string, RegExp][] = [
  ['a stack', /\bat [\w.<>[\] ]+ \(|\bat (file|node):|\.ts:\d+|\.js:\d+|node_modules|node:internal/],
  [
    'SQL',
    /\b(SELECT|INSERT|UPDATE|DELETE) .*\b(FROM|INTO|SET)\b|SQLITE|hospital_[a-z]+|study_subject|auth_client|constraint failed/,
  ],
  [
    'an error of JavaScript',
    /\b(TypeError|RangeError|ReferenceError|URIError|AssertionError)\b|Unexpected token|is not a function|Cannot read prop/,
  ],
  ['a path', /\/(home|root|work|tmp|usr|var|etc|proc)\/[a-z]|[A-Z]:\\\\/],
];

/** The files of the keys, the machine, and the data of another site. */
export function secretsOf(folder: string, otherSite: readonly string[]): Secrets {
  const keys = join(folder, 'keys');
  const files = readdirSync(keys).map((name) => readFileSync(join(keys, name)));
  return new Map([
    [
      'a key',
      files
        .flatMap((bytes) => [bytes.toString('utf8').trim(), bytes.toString('hex'), bytes.toString('base64')])
        .flatMap((text) => text.split('\n').filter((line) => line.length > 15)),
    ],
    ['the machine', [folder, HOME, homedir(), hostname()].filter((text) => text.length > 3 && text !== 'localhost')],
    ['another site', otherSite],
  ]);
}

/** What of it is in a text. */
export function leaksIn(text: string, secrets: Secrets, forms = true): string[] {
  const found = [...secrets].flatMap(([what, texts]) => (texts.some((one) => text.includes(one)) ? [what] : []));
  return forms ? [...found, ...FORMS.flatMap(([what, form]) => (form.test(text) ? [what] : []))] : found;
}
