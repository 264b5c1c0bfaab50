import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { allow, nothing } from '../../src/release/elements.ts';
import { REQUIRED } from '../../src/release/required.ts';
import { agreementOn, KEYRING, lensOf, SUBJECT } from './agreements.ts';
import { anyResource, elementsOf, leavesOf } from './any-resource.ts';

const TYPES = Object.keys(REQUIRED);
const nameable = (type: string) => elementsOf(type).filter((one) => allow(nothing(), type, one) === null);

/** A type, an agreement on some of its elements, and any resource of it. */
const cases = fc.constantFrom(...TYPES).chain((type) =>
  fc.record({
    type: fc.constant(type),
    elements: fc.subarray(nameable(type)).map((some) => [...new Set([...REQUIRED[type]!, ...some])]),
    resource: anyResource(type),
  }),
);

test('nothing outside the allow-list passes, of any resource', () => {
  let [passed, markers] = [0, 0];
  fc.assert(
    fc.property(cases, ({ type, elements, resource }) => {
      const lens = lensOf(agreementOn({ resources: { [type]: elements } }));
      const shown = lens.show(resource, SUBJECT);
      if (!shown) return;
      const { resourceType, id, ...content } = shown;
      expect(resourceType).toBe(type);
      expect(id).toBe(lens.registryId(type, resource.id!));
      for (const { path, value } of leavesOf({ resourceType, ...content })) {
        if (path === 'resourceType') continue;
        expect(elements.some((one) => path === one || path.startsWith(`${one}.`))).toBe(true);
        expect(path).not.toMatch(/extension|unheardOf|(^|\.)_|(^|\.)id$|contained/i);
        // Text passes where its own path is named, never below.
        if (typeof value === 'string' && value.startsWith('marker')) markers++;
        if (/\.(display|text|unit)$/.test(path)) expect(elements).toContain(path);
        passed++;
      }
      for (const other of ['Encounter', 'Observation'])
        if (other !== type) expect(JSON.stringify(content)).not.toContain(`"${other}/`);
    }),
    { numRuns: 250 },
  );
  // The test means something only when much passes too.
  expect(passed).toBeGreaterThan(200);
  expect(markers).toBeGreaterThan(30);
});

test('of a type that is not named nothing passes', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(...TYPES), ({ resource, type }, other) => {
      fc.pre(other !== type);
      expect(lensOf(agreementOn({ resources: { [other]: REQUIRED[other] } })).show(resource, SUBJECT)).toBeNull();
    }),
  );
});

test('is pure: twice the same, and what is given stays as it is', () => {
  fc.assert(
    fc.property(cases, ({ type, elements, resource }) => {
      const before = JSON.stringify(resource);
      const make = () =>
        lensOf(
          agreementOn({ dates: 'year', identifiers: 'own', resources: { [type]: withoutWritten(type, elements) } }),
        );
      fc.pre(type !== 'Provenance');
      expect(JSON.stringify(make().show(resource, SUBJECT))).toBe(JSON.stringify(make().show(resource, SUBJECT)));
      expect(JSON.stringify(resource)).toBe(before);
    }),
  );
});

const withoutWritten = (_: string, elements: string[]) => elements.filter((one) => !one.startsWith('meta'));

describe('ids', () => {
  const ids = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), minLength: 26, maxLength: 26 });
  const lens = (registry: string) =>
    lensOf(agreementOn({ registry, resources: { Patient: [], Condition: REQUIRED.Condition } }));

  test('lead back at the registry that got them, and nowhere else', () => {
    const [one, other] = [lens('one'), lens('other')];
    fc.assert(
      fc.property(ids, (id) => {
        const given = one.registryId('Patient', id);
        expect(given).toMatch(/^[a-z2-7]{26}$/);
        expect(one.ownId('Patient', given)).toBe(id);
        expect(other.registryId('Patient', id)).not.toBe(given);
        expect(other.ownId('Patient', given)).not.toBe(id);
        expect(one.registryId('Condition', id)).not.toBe(given);
      }),
    );
  });

  test('are not those of a type it may not have, nor texts of another form', () => {
    expect(lens('one').ownId('Specimen', 'a'.repeat(26))).toBeNull();
    for (const text of ['', 'a'.repeat(25), 'A'.repeat(26), `${'a'.repeat(25)}1`])
      expect(lens('one').ownId('Patient', text)).toBeNull();
  });

  test('nothing of one registry is found at another: no id, identifier or shifted date of the same person', () => {
    const resource = (id: string): FhirResource => ({
      resourceType: 'Specimen',
      id,
      identifier: [{ system: 'https://study-gateway.example/sid/kit', value: 'GZ-00012' }],
      status: 'available',
      subject: { reference: `Patient/${id}` },
      parent: [{ reference: `Specimen/${id.split('').reverse().join('')}` }],
    });
    const at = (registry: string) => {
      const elements = ['identifier', 'status', 'subject', 'parent', 'extension(specimen-hold)'];
      return lensOf(agreementOn({ registry, identifiers: 'own', dates: 'shifted', resources: { Specimen: elements } }));
    };
    const texts = (shown: FhirResource) => new Set(JSON.stringify(shown).match(/[a-z2-7]{26}/g));
    fc.assert(
      fc.property(ids, (id) => {
        const [a, b] = ['a', 'b'].map((registry) => texts(at(registry).show(resource(id), SUBJECT)!));
        expect(a!.size).toBeGreaterThanOrEqual(3);
        expect([...a!].filter((text) => b!.has(text) || text === id)).toEqual([]);
      }),
    );
  });
});

test('the key of a registry is its own for each use', () => {
  const [a, b] = ['a', 'b'].map((registry) => KEYRING.of(registry));
  const all = [a!.shift, a!.identifier, b!.shift, b!.identifier].map((key) => key.toString('hex'));
  expect(new Set(all).size).toBe(4);
});
