import { BASE, FAULTY, JSON_TYPE, LINES_TYPE, type OddRequest, PARTS_REFUSED } from './case.ts';
import { brokenTexts, OTHER_JSON } from './json-texts.ts';
import { transaction } from './resources.ts';

const PATIENT =
  '{"resourceType":"Patient","id":"p-json","meta":{"versionId":"1"},"active":true,"name":[{"family":"Å","given":["\\u00e9"]}],"multipleBirthInteger":2}';
const CONDITION =
  '{"resourceType":"Condition","id":"c-json","subject":{"reference":"Patient/p-json"},"code":{"text":"x"}}';

/** Where a body of JSON is read, each with one that would be taken. */
const DOORS: { name: string; method: string; path: string; good: string }[] = [
  { name: 'PUT', method: 'PUT', path: `${BASE}/Patient/p-json`, good: PATIENT },
  { name: 'POST', method: 'POST', path: `${BASE}/Condition`, good: CONDITION },
  {
    name: 'PUT by identifier',
    method: 'PUT',
    path: `${BASE}/Patient?identifier=https://x.example/sid|7`,
    good: PATIENT,
  },
  { name: 'transaction', method: 'POST', path: BASE, good: withId(transaction()) },
  { name: 'batch', method: 'POST', path: `${BASE}/`, good: withId({ ...transaction(), type: 'batch' }) },
];
const NOTIFY = { name: 'notification', method: 'POST', path: '/ehr/ya/notify', good: PATIENT };

function withId(bundle: object): string {
  const { resourceType, ...rest } = bundle as { resourceType: string };
  return JSON.stringify({ resourceType, id: 'b-json', ...rest });
}

/** Everything that breaks the grammar of JSON, at every door; a text cut off at every place of it. */
export function jsonCases(): OddRequest[] {
  const broken = [...DOORS, NOTIFY].flatMap((door) =>
    Object.entries(brokenTexts(door.good)).map(([name, body]) => at(door, `json: ${name}`, body)),
  );
  const cut = [...DOORS, NOTIFY].flatMap((door) =>
    places(door.good, door.good.length > 300 ? 60 : 90).map((length) =>
      at(door, `json: cut after ${length} characters`, door.good.slice(0, length)),
    ),
  );
  const other = [...DOORS, NOTIFY].flatMap((door) =>
    Object.entries(OTHER_JSON)
      // A delivery without a resource is one of the forms a notification may have.
      .filter(([name]) => door !== NOTIFY || (name !== 'null' && name !== 'an empty object'))
      .map(([name, body]) => at(door, `no resource: ${name}`, body)),
  );
  return [...broken, ...cut, ...other, ...lineCases()];
}

function at({ name, method, path }: (typeof DOORS)[number], odd: string, body: string | Buffer): OddRequest {
  return { name: `${odd} (${name})`, method, path, headers: JSON_TYPE, body, expected: FAULTY };
}

/** The same, as the one line of a stream. */
function lineCases(): OddRequest[] {
  const one = (name: string, body: string | Buffer): OddRequest => {
    return { name: `${name} (line)`, method: 'POST', path: BASE, headers: LINES_TYPE, body, expected: PARTS_REFUSED };
  };
  // Their second line is a whole resource, and so is taken in.
  const two = ['line comment', 'hash comment', 'a prefix against inclusion'];
  const broken = Object.entries(brokenTexts(CONDITION)).filter(([name]) => !two.includes(name));
  return [
    ...broken.map(([name, body]) => one(`json: ${name}`, body)),
    ...places(CONDITION, 60).map((length) => one(`json: cut after ${length} characters`, CONDITION.slice(0, length))),
    ...Object.entries(OTHER_JSON).map(([name, body]) => one(`no resource: ${name}`, body)),
  ];
}

/** About so many lengths at which a text is cut, from 1 to all but one. */
function places(text: string, count: number): number[] {
  const step = Math.max(1, Math.floor(text.length / count));
  return Array.from({ length: Math.floor((text.length - 2) / step) + 1 }, (_, index) => 1 + index * step);
}
