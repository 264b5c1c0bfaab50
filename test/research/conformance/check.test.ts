import { changed, conformance, EXAMPLES, type Json, profiles } from './examples.ts';
import { EVERYWHERE, MUTATIONS, NAME } from './mutations.ts';

/** `code place` of each fault; of a rule its key instead of the place. */
function faultsOf(resource: Json): string[] {
  return conformance.check(resource).map(({ code, expression, message }) => {
    const key = /The rule (\S+)/.exec(message)?.[1];
    return `${code} ${key ?? expression.replace(/^[A-Z][A-Za-z]+\./, '')}`;
  });
}

describe('examples', () => {
  test.each([...EXAMPLES])('%s passes', (_, resource) => {
    expect(conformance.check(resource)).toEqual([]);
  });

  test('each profile has one', () => {
    const types = new Set([...EXAMPLES.values()].map(({ resourceType }) => resourceType));
    expect([...profiles.byType.keys()].filter((type) => !types.has(type))).toEqual([]);
  });

  test('each profile has at least five mutations of its own', () => {
    const count = (type: string) =>
      Object.entries(MUTATIONS).reduce(
        (sum, [name, all]) => (EXAMPLES.get(name)!.resourceType === type ? sum + all.length : sum),
        0,
      );
    expect([...profiles.byType.keys()].filter((type) => count(type) < 5)).toEqual([]);
  });
});

describe.each([...EXAMPLES.keys()])('%s', (name) => {
  test.each([...EVERYWHERE, ...(MUTATIONS[name] ?? [])])('does not pass with %s', (_, change, fault) => {
    const faults = conformance.check(changed(name, change));
    expect(faultsOf(changed(name, change))).toContain(fault);
    for (const { expression, message } of faults) {
      expect(`${expression} ${message}`).not.toMatch(/欧阳|zhang|ya-|ya\.example|1991|20250/i);
    }
  });
});

describe('whatever the resource', () => {
  test('a type without profile does not pass', () => {
    expect(conformance.check({ resourceType: 'RelatedPerson', id: 'a'.repeat(26) }).map(({ code }) => code)).toEqual([
      'type',
    ]);
  });

  test('a type that is none does not pass, and is not repeated', () => {
    const [fault] = conformance.check({ resourceType: NAME });
    expect(fault).toEqual({ code: 'type', expression: 'Resource', message: expect.not.stringContaining(NAME) });
  });

  test.each([
    ['a key of JavaScript', '{"resourceType":"Patient","id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","__proto__":{"name":1}}'],
    ['constructor', '{"resourceType":"Patient","id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","constructor":{"name":1}}'],
    ['a name as key', `{"resourceType":"Patient","id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","${NAME}":1}`],
    [
      'a resource type inside',
      '{"resourceType":"Patient","id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","extension":[{"resourceType":"x","url":"y"}]}',
    ],
  ])('%s does not pass', (_, json) => {
    const faults = conformance.check(JSON.parse(json));
    expect(faults.length).toBeGreaterThan(0);
    expect(JSON.stringify(faults)).not.toContain(NAME);
  });
});

/** Every object in a resource, and every text with a setter. */
function placesOf(value: Json, objects: Json[] = [], texts: ((text: string) => void)[] = []) {
  if (!Array.isArray(value)) objects.push(value);
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'object') placesOf(item as Json, objects, texts);
    else if (typeof item === 'string') {
      texts.push((text) => {
        value[key] = text;
      });
    }
  }
  return { objects, texts };
}

describe.each([...EXAMPLES.keys()])('wherever in %s', (name) => {
  const { objects, texts } = placesOf(EXAMPLES.get(name)!);

  test.each([NAME, 'Ouyang Jianguo', 'ouyang-jianguo.', 'ya-p-000001', 'https://ya.example.cn/fhir/Patient/1'])(
    'the text "%s" does not pass',
    (text) => {
      const passed = texts
        .map((_, index) => index)
        .filter((index) => {
          const resource = changed(name, (r) => placesOf(r).texts[index]!(text));
          return conformance.check(resource).length === 0;
        });
      expect(passed).toEqual([]);
    },
  );

  test.each<[string, object]>([
    ['an extension', { extension: [{ url: 'https://ya.example.cn/x', valueString: NAME }] }],
    ['an id', { id: 'ya-p-000001' }],
    ['a display', { display: NAME }],
    ['a text', { text: NAME }],
    ['a note', { note: [{ text: NAME }] }],
    ['a text beside a code', { _code: { extension: [{ url: 'https://ya.example.cn/x', valueString: NAME }] } }],
  ])('%s does not pass', (_, more) => {
    const passed = objects
      .map((_, index) => index)
      .filter((index) => {
        const resource = changed(name, (r) => Object.assign(placesOf(r).objects[index], more));
        return conformance.check(resource).length === 0;
      });
    expect(passed).toEqual([]);
  });
});
