import type { Place } from '../../src/fhir/refusal.ts';
import { arrivalsAgain } from '../../src/intake/again.ts';
import type { ArrivedDeletion, ArrivedResource, SetAside } from '../../src/intake/arrival.ts';
import { arrivalsOf } from '../../src/intake/bundle.ts';
import { type Content, contentOf } from '../../src/intake/content.ts';
import { readContent } from './feeds.ts';

const PLACE: Place = { file: 'f', line: 4, entry: null };

/** As the store gives it back. */
const stored = (content: Content): Content => JSON.parse(JSON.stringify(content));
const again = (content: Content, place = PLACE) => [...arrivalsAgain(stored(content), place)];
const setAside = (read: unknown): SetAside => {
  expect(read).toMatchObject({ kind: 'refused' });
  return read as SetAside;
};

test('a line that is no JSON is kept as it stands, and refused likewise when it is read again', async () => {
  const cut = '{"resourceType":"Condition","id":"肝';
  const [inside, last] = await readContent(`${cut}\n{"resourceType":"Basic","id":"a"}\n${cut}`).then((all) => [
    all[0],
    all[2],
  ]);
  for (const one of [inside, last]) {
    const content = setAside(one).content!();
    expect(content).toEqual({ form: 'text', text: cut });
    const [read, ...more] = again(content);
    expect(more).toEqual([]);
    expect(setAside(read)).toMatchObject({ reason: 'invalid-json', place: PLACE });
    expect(setAside(read).content!()).toEqual(content);
  }
});

test('a line that the program has learnt to read is read', () => {
  const [read] = again({ form: 'text', text: '{"resourceType":"Basic","id":"a"}' });
  expect(read).toMatchObject({ kind: 'resource', place: PLACE, resource: { resourceType: 'Basic', id: 'a' } });
});

test.each([
  ['not UTF-8', Buffer.from([0x7b, 0xb8, 0xce, 0x7d])],
  ['XML', '<Patient xmlns="http://hl7.org/fhir"/>'],
  ['a document that breaks', '{\n"resourceType": "Patient",\n"id": oops\n}\n'],
])('%s: there is nothing to keep', async (_, text) => {
  const [one] = await readContent(text);
  expect(setAside(one).content).toBeUndefined();
});

test('a value that is no resource, and a Bundle of another kind, are kept whole', () => {
  for (const value of [[1], { id: 'x' }, { resourceType: 'Bundle', type: 'batch-response', entry: [] }]) {
    const [one] = arrivalsOf(value, PLACE, false);
    const content = setAside(one).content!();
    expect(content).toEqual({ form: 'value', value });
    expect(setAside(again(content)[0])).toMatchObject({ reason: setAside(one).reason, place: PLACE });
  }
});

describe('of a Bundle', () => {
  const URL = 'urn:uuid:6f0f3c0a-5a52-4c43-9d0e-0f6f4f0f7a11';
  const entries = [
    { fullUrl: URL, resource: { resourceType: 'Patient', id: 'p' } },
    { fullUrl: 'urn:uuid:other', resource: { resourceType: 'Patient', id: 'q' } },
    { resource: { resourceType: 'Condition', id: 'c', subject: { reference: `${URL}/_history/2` } } },
    { request: { method: 'PATCH', url: 'Condition/c' }, resource: { resourceType: 'Binary', id: 'b' } },
    { request: { method: 'DELETE', url: 'Condition/d' } },
  ];
  const bundle = { resourceType: 'Bundle', type: 'history', timestamp: '2025-05-01T00:00:00Z', entry: entries };
  const read = [...arrivalsOf(bundle, PLACE, false)];

  test('an entry is refused again at its place, with its number', () => {
    const refused = setAside(read[3]);
    const [one] = again(refused.content!(), refused.place);
    const { content: _, ...before } = refused;
    const { content, ...after } = setAside(one);
    expect(after).toEqual(before);
    expect(content!()).toEqual(refused.content!());
  });

  test('a resource keeps what the Bundle says of it, and of the fullUrls only those that it names', () => {
    const condition = read[2] as ArrivedResource;
    const content = contentOf(condition);
    expect(content).toMatchObject({ bundle: { fullUrls: { [URL]: 'Patient/p' } } });
    expect(JSON.stringify(content)).not.toContain('other');
    const [one] = again(content, condition.place);
    expect(one).toEqual({ ...condition, bundle: { ...condition.bundle, fullUrls: new Map([[URL, 'Patient/p']]) } });
  });

  test('a deletion is the same one', () => {
    const deletion = read[4] as ArrivedDeletion;
    expect(deletion.at).toBe('2025-05-01T00:00:00Z');
    const [one] = again(contentOf(deletion), deletion.place);
    expect(one).toEqual({ ...deletion, bundle: { ...deletion.bundle, fullUrls: new Map() } });
  });
});
