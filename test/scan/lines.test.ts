import { EntryList, isWaiting, KIND, kindOf } from '../../src/scan/entries.ts';
import { personHash, resourceHash } from '../../src/scan/hash.ts';
import { LineScanner } from '../../src/scan/lines.ts';
import { MEANS, type Phrase, type ScanPlan } from '../../src/scan/plan.ts';

const PLAN: ScanPlan = {
  read: ['Patient', 'Consent'],
  coded: ['Condition', 'DiagnosticReport'],
  others: ['Encounter'],
  known: ['Claim', 'Patient', 'Condition'],
  site: 'ya',
  sites: [
    { id: 'ya', fhirBase: 'https://ya.example.cn/fhir' },
    { id: 'nf', fhirBase: 'https://nf.example.cn/fhir' },
  ],
};

/** Says what the phrases of a line mean by a word in them. */
const means = ({ bytes }: Phrase): number =>
  (bytes.includes('liver') ? MEANS.evidence : 0) | (bytes.includes('local') ? MEANS.read : 0);

const NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name]));

/** The kinds of the entries of a text. */
function kinds(text: string, plan: Partial<ScanPlan> = {}, next = -1): string[] {
  const scanner = new LineScanner({ ...PLAN, ...plan });
  const list = new EntryList();
  const bytes = Buffer.from(text);
  scanner.scan(bytes, 0, next, list);
  scanner.phrases.settle(scanner.phrases.questions().map(means), list);
  const entries = list.done(bytes.length);
  return Array.from({ length: entries.length }, (_, at) => {
    const kind = kindOf(entries, at);
    const lines = kind === KIND.read && entries.about[at]! > 1 ? ` ${entries.about[at]}` : '';
    if (isWaiting(kind)) {
      expect(entries.about[at]).toBe(personHash('ya', 'p1'));
      expect(entries.id[at]).toBe(resourceHash('Condition', 'c1'));
    }
    return `${NAMES[kind]}${lines}`;
  });
}

const SUBJECT = '"subject":{"reference":"Patient/p1"}';
const line = (code: string, more = SUBJECT) => `{"resourceType":"Condition","id":"c1","code":${code},${more}}`;
const coded = (word: string) => `{"coding":[{"system":"s","code":"${word}"}]}`;

test.each<[string, string, string[]]>([
  ['nothing of the study', line(coded('knee')), ['waiting']],
  ['a code of the study', line(coded('liver')), ['evidence']],
  ['a local code', line(coded('local')), ['read']],
  ['both: it is read, and reading sees the evidence', line(coded('local liver')), ['read']],
  [
    'a display with brackets and braces',
    line('{"coding":[{"display":"a [b] {c} \\" }"}],"text":"liver"}'),
    ['evidence'],
  ],
  ['no code', '{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"}}', ['waiting']],
  ['the id first', `{"id":"c1","resourceType":"Condition","code":${coded('knee')},${SUBJECT}}`, ['waiting']],
  [
    'spaces',
    `{ "resourceType" : "Condition" , "id" : "c1" , "code" : ${coded('liver')}, "subject": { "reference": "Patient/p1" }}`,
    ['evidence'],
  ],
  ['a version in the reference', line(coded('knee'), '"subject":{"reference":"Patient/p1/_history/3"}'), ['waiting']],
  [
    'an address of the hospital',
    line(coded('knee'), '"subject":{"reference":"https://ya.example.cn/fhir/Patient/p1"}'),
    ['waiting'],
  ],
  [
    'an address elsewhere',
    line(coded('knee'), '"subject":{"reference":"https://nf.example.cn/fhir/Patient/p1"}'),
    ['read'],
  ],
  ['a urn', line(coded('knee'), '"subject":{"reference":"urn:uuid:1"}'), ['read']],
  ['an identifier', line(coded('knee'), '"subject":{"identifier":{"value":"p1"}}'), ['read']],
  ['no subject', line(coded('knee'), '"a":1'), ['read']],
  ['an id that is none', line(coded('knee')).replace('"c1"', '"c 1"'), ['read']],
  ['no id', line(coded('knee')).replace('"id":"c1",', ''), ['read']],
  ['a name in escapes', line(coded('knee')).replace('"code":{', '"\\u0063ode":{'), ['read']],
  ['a text in escapes', line('{"text":"\\u809d liver"}'), ['evidence']],
  ['contained resources', line(coded('knee'), `"contained":[],${SUBJECT}`), ['read']],
  [
    'another hospital in meta',
    line(coded('knee')).replace('"code"', '"meta":{"source":"https://nf.example.cn/fhir"},"code"'),
    ['read'],
  ],
  [
    'its own in meta',
    line(coded('knee')).replace('"code"', '"meta":{"source":"https://ya.example.cn/fhir#7"},"code"'),
    ['waiting'],
  ],
  ['a type that is read', '{"resourceType":"Patient","id":"p1"}', ['read']],
  ['a type that is not needed', '{"resourceType":"Claim","id":"x"}', ['unneeded']],
  ['a type that R4 has not', '{"resourceType":"Liver","id":"x"}', ['read']],
  ['no resource', '[1]', ['read']],
  ['a line cut off', line(coded('knee')).slice(0, -3), ['read']],
  ['a line cut off after a brace: what waits is not checked', line(coded('knee')).slice(0, -1), ['waiting']],
  ['a code that is no object', line('["liver"]'), ['read']],
])('%s', (_, text, expected) => {
  expect(kinds(text)).toEqual(expected);
});

test('a line that may go on is read: the next one does not begin with a brace', () => {
  const first = line(coded('knee'));
  expect(kinds(`${first}\n${first}\r\n${first}`)).toEqual(['waiting', 'waiting', 'waiting']);
  expect(kinds(`${first}\n,"more":1}\n`)).toEqual(['read 2']);
  expect(kinds(`${first}\n`, {}, ','.charCodeAt(0))).toEqual(['read']);
  expect(kinds(`${first}\n`, {}, '{'.charCodeAt(0))).toEqual(['waiting']);
});

test('without a named hospital meta.source must say which', () => {
  const own = line(coded('knee')).replace('"code"', '"meta":{"source":"https://ya.example.cn/fhir"},"code"');
  expect(kinds(own, { site: null })).toEqual(['waiting']);
  expect(kinds(line(coded('knee')), { site: null })).toEqual(['read']);
  expect(kinds(own.replace('//ya', '//elsewhere'), { site: null })).toEqual(['read']);
});

test('a report is scanned for its conclusion too', () => {
  const report = (more: string) =>
    `{"resourceType":"DiagnosticReport","id":"c1","code":${coded('knee')},${more},${SUBJECT}}`;
  const scanned = (more: string) => {
    const scanner = new LineScanner(PLAN);
    const list = new EntryList();
    scanner.scan(Buffer.from(report(more)), 0, -1, list);
    const asked = scanner.phrases.questions();
    scanner.phrases.settle(asked.map(means), list);
    return [NAMES[kindOf(list.done(1), 0)], asked.map(({ form }) => form)];
  };
  expect(scanned('"conclusion":"fatty liver"')).toEqual(['evidence', ['concept', 'text']]);
  expect(scanned('"conclusionCode":[{"text":"liver"}]')).toEqual(['evidence', ['concept', 'concept']]);
  expect(scanned('"conclusion":7')).toEqual(['read', ['concept']]);
});

test('a phrase is asked for once', () => {
  const scanner = new LineScanner(PLAN);
  const list = new EntryList();
  const bytes = Buffer.from(`${line(coded('liver'))}\n${line(coded('liver'))}\n`);
  scanner.scan(bytes, 0, -1, list);
  expect(scanner.phrases.questions().map(({ bytes: asked }) => asked)).toEqual([coded('liver')]);
  scanner.phrases.settle([MEANS.evidence], list);
  scanner.scan(bytes, 0, -1, list);
  expect(scanner.phrases.questions()).toEqual([]);
  const entries = list.done(bytes.length);
  expect(Array.from(entries.kind, (kind) => NAMES[kind & 7])).toEqual(['evidence', 'evidence', 'evidence', 'evidence']);
});
