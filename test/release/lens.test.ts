import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Granted } from '../../src/release/lens.ts';
import { createLensFor } from '../../src/release/lens-for.ts';
import { REQUIRED } from '../../src/release/required.ts';
import { ALL, agreementOn, idOf, KEYRING, lensOf, NOW, SUBJECT, type Terms } from './agreements.ts';

const SG = 'https://study-gateway.example/StructureDefinition/';
const SCT = 'http://snomed.info/sct';
const granting = (...purposes: string[]): Granted => new Map(purposes.map((purpose) => [purpose, Infinity]));
const patient = (more: object = {}): FhirResource => ({
  resourceType: 'Patient',
  id: idOf('patient'),
  extension: [{ url: `${SG}age-years`, valueInteger: 47 }],
  gender: 'female',
  ...more,
});
const specimen = (code: string): FhirResource => ({
  resourceType: 'Specimen',
  id: idOf('specimen'),
  identifier: [{ system: 'https://study-gateway.example/sid/kit', value: 'GZ-00012' }],
  status: 'available',
  type: { coding: [{ system: SCT, code }] },
  subject: { reference: `Patient/${idOf('patient')}` },
});
const exclusionOf = (
  terms: Terms,
  resource: FhirResource,
  parts: Parameters<typeof lensOf>[1] = {},
  subject = SUBJECT,
) => {
  const { shown, left } = lensOf(agreementOn(terms), parts).examine(resource, subject);
  return shown ? null : left.map(({ reason, about }) => `${reason} ${about}`.trim()).join();
};

describe('what the consent must cover', () => {
  const terms = { resources: { Patient: ['gender'] } };

  test.each([
    ['nothing', granting(), 'purpose-not-granted data'],
    ['all but data', granting('omics', 'abroad'), 'purpose-not-granted data'],
    ['data', granting('data'), null],
    ['data until now', new Map([['data', NOW]]), 'purpose-not-granted data'],
    ['data a moment longer', new Map([['data', NOW + 1]]), null],
  ])('%s', (_, grants, expected) => {
    expect(exclusionOf(terms, patient(), { grants })).toBe(expected);
  });

  test('of a subject that nothing is known of nothing passes', () => {
    expect(exclusionOf(terms, patient(), {}, { ...SUBJECT, id: idOf('other') })).toBe('purpose-not-granted data');
  });

  test('every purpose of the agreement; abroad where it is abroad', () => {
    const both = { ...terms, purpose: ['omics'], abroad: true };
    expect(exclusionOf(both, patient(), { grants: granting('data', 'abroad') })).toBe('purpose-not-granted omics');
    expect(exclusionOf(both, patient(), { grants: granting('data', 'omics') })).toBe('purpose-not-granted abroad');
    expect(exclusionOf(both, patient(), { grants: granting('data', 'omics', 'abroad') })).toBeNull();
  });

  test('blood and tissue each by its own; a specimen of another kind never', () => {
    const kinds = [
      { purpose: 'blood', element: 'type', system: SCT, codes: ['119297000'] },
      { purpose: 'tissue', element: 'type', system: SCT, codes: ['119376003'] },
    ];
    const elements = REQUIRED.Specimen;
    const on = { resources: { Specimen: { elements, kinds } } };
    const grants = granting('data', 'blood');
    expect(exclusionOf(on, specimen('119297000'), { grants })).toBeNull();
    expect(exclusionOf(on, specimen('119376003'), { grants })).toBe('purpose-not-granted tissue (Specimen)');
    expect(exclusionOf(on, specimen('119376003'), { grants: ALL })).toBeNull();
    expect(exclusionOf(on, specimen('258580003'), { grants: ALL })).toBe('kind-not-agreed Specimen');
    expect(exclusionOf({ resources: { Specimen: { elements, purpose: ['omics'] } } }, specimen('x'), { grants })).toBe(
      'purpose-not-granted omics (Specimen)',
    );
  });
});

test('only people of the agreed sites; somebody of no known site never', () => {
  const resources = { Patient: ['gender'] };
  const at = (site: string | null) => ({ ...SUBJECT, site }) as typeof SUBJECT;
  expect(exclusionOf({ sites: ['ya'], resources }, patient(), {}, at('ya'))).toBeNull();
  expect(exclusionOf({ sites: ['ya'], resources }, patient(), {}, at('nf'))).toBe('site-not-agreed nf');
  expect(exclusionOf({ sites: '*', resources }, patient(), {}, at(null))).toBe('site-unknown');
});

describe('age', () => {
  const age = (given: string, years: number) =>
    lensOf(agreementOn({ age: given, resources: { Patient: [] } })).show(
      patient({ extension: [{ url: `${SG}age-years`, valueInteger: years }] }),
      SUBJECT,
    )!.extension;

  test('in years, decades or not at all', () => {
    expect(age('years', 47)).toEqual([{ url: `${SG}age-years`, valueInteger: 47 }]);
    expect([0, 9, 10, 47, 89, 90, 104].map((years) => age('decade', years))).toEqual(
      [0, 0, 10, 40, 80, 90, 90].map((decade) => [{ url: `${SG}age-decade`, valueInteger: decade }]),
    );
    expect(age('none', 47)).toBeUndefined();
  });

  test('a stratum by age passes with years only; one by histology always', () => {
    const elements = [...REQUIRED.ResearchSubject!, 'extension(stratum)', 'extension(stratum-basis)'];
    const shown = (given: string, basis: string) =>
      lensOf(agreementOn({ age: given, resources: { ResearchSubject: elements } })).show(
        {
          resourceType: 'ResearchSubject',
          id: idOf('subject'),
          extension: [
            { url: `${SG}stratum`, valueCode: 'young' },
            { url: `${SG}stratum-basis`, valueCode: basis },
          ],
          status: 'eligible',
        },
        SUBJECT,
      )!.extension;
    expect(shown('years', 'age')).toHaveLength(2);
    expect(shown('decade', 'age')).toBeUndefined();
    expect(shown('none', 'age')).toBeUndefined();
    expect(shown('none', 'histology')).toHaveLength(2);
  });
});

test('a resource or element with a modifier that is not agreed does not pass: the rest would say something else', () => {
  const status = 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/status';
  const [known, unknown] = [status, `${SG}other`].map((url) => ({ modifierExtension: [{ url, valueCode: 'x' }] }));
  const event = (more: object) => ({ resourceType: 'AdverseEvent', id: idOf('event'), actuality: 'actual', ...more });
  const terms = { resources: { AdverseEvent: [...REQUIRED.AdverseEvent!, 'suspectEntity'] } };
  const lens = lensOf(agreementOn(terms));
  expect(lens.show(event(known!), SUBJECT)).toMatchObject(known!);
  expect(exclusionOf(terms, event(unknown!))).toBe('modifier-not-agreed AdverseEvent');
  expect(exclusionOf(terms, event({ implicitRules: 'http://example.org/rules' }))).toBe(
    'modifier-not-agreed AdverseEvent',
  );
  const reference = `Patient/${idOf('patient')}`;
  const suspects = [{ instance: { reference } }, { instance: { reference }, ...unknown }];
  expect(lens.show(event({ suspectEntity: suspects }), SUBJECT)!.suspectEntity).toHaveLength(1);
});

test('references: people and types it may have under its own ids, the study as it is, all others not', () => {
  const elements = [...REQUIRED.Observation!, 'specimen', 'derivedFrom', 'focus'];
  const lens = lensOf(agreementOn({ resources: { Observation: elements } }));
  const to = (reference: string, more: object = {}) => ({ reference, ...more });
  const shown = lens.show(
    {
      resourceType: 'Observation',
      id: idOf('o'),
      status: 'final',
      subject: to(`Patient/${idOf('p')}`, { display: 'marker' }),
      specimen: to(`Specimen/${idOf('s')}`, { type: 'Specimen' }),
      derivedFrom: [
        to(`Observation/${idOf('o2')}`),
        to(`Observation/17`),
        to(`http://h.example/Observation/${idOf('o')}`),
      ],
      focus: [to('ResearchStudy/nct07265544'), to('ResearchStudy/other')],
    },
    SUBJECT,
  );
  expect(shown).toEqual({
    resourceType: 'Observation',
    id: lens.registryId('Observation', idOf('o')),
    status: 'final',
    subject: { reference: `Patient/${lens.registryId('Patient', idOf('p'))}` },
    derivedFrom: [{ reference: `Observation/${lens.registryId('Observation', idOf('o2'))}` }],
    focus: [{ reference: 'ResearchStudy/nct07265544' }],
  });
});

test('identifiers of the study: under names of its own, or as they are', () => {
  const elements = [...REQUIRED.Specimen!, 'identifier'];
  const kit = (identifiers: string) =>
    lensOf(agreementOn({ identifiers, resources: { Specimen: elements } })).show(specimen('x'), SUBJECT)!.identifier;
  const system = 'https://study-gateway.example/sid/kit';
  expect(kit('exact')).toEqual([{ system, value: 'GZ-00012' }]);
  expect(kit('own')).toEqual([{ system, value: expect.stringMatching(/^[a-z2-7]{26}$/) }]);
  expect(kit('own')).toEqual(kit('own'));
});

test('every element that is left out is told with its path', () => {
  const resource = patient({ birthDate: '1980-01-01', extension: [{ url: `${SG}flag`, valueCode: 'x' }] });
  const { left } = lensOf(agreementOn({ resources: { Patient: ['gender'] } })).examine(resource, SUBJECT);
  expect(left).toEqual([
    { reason: 'extension-not-agreed', about: 'Patient.extension(flag)' },
    { reason: 'element-not-agreed', about: 'Patient.birthDate' },
  ]);
});

test('a resource without an id of ours does not pass', () => {
  expect(exclusionOf({ resources: { Patient: ['gender'] } }, patient({ id: 'ya-p-000001' }))).toBe(
    'type-not-agreed Patient',
  );
});

test('there is a lens only for a registry with an agreement in force', () => {
  const lensFor = (instant: string) =>
    createLensFor({
      agreements: new Map([['some', agreementOn({ resources: { Patient: [] } })]]),
      keyring: KEYRING,
      study: { id: 'nct07265544', timezone: 'Asia/Shanghai' },
      granted: new Map([[SUBJECT.id, ALL]]),
      now: Date.parse(instant),
    });
  expect(lensFor('2025-06-01T00:00:00Z')('some')?.show(patient(), SUBJECT)).toMatchObject({ resourceType: 'Patient' });
  expect(lensFor('2025-06-01T00:00:00Z')('other')).toBeNull();
  expect(lensFor('2024-06-01T00:00:00Z')('some')).toBeNull();
  expect(lensFor('2026-01-01T00:00:00Z')('some')).toBeNull();
});
