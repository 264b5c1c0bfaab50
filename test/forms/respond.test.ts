import type { r4 } from '../../src/fhir/resource.ts';
import { createShapeCheck } from '../../src/fhir/shape/check.ts';
import {
  BLOOD,
  CONSENT,
  type Desk,
  EVENT,
  EXAMINATION,
  HEAD,
  openDesk,
  resources,
  respond,
  SCAN,
} from './study-forms.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});

const META = { versionId: '1', lastUpdated: HEAD.at, source: 'https://nf.example.cn/fhir' };
const SNOMED = 'http://snomed.info/sct';
const PURPOSE = 'https://ncct.example.cn/cs/consent-purpose';
const ROLE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const NCIT = 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl';
const AE = 'http://terminology.hl7.org/CodeSystem/adverse-event-';
const CRITERION = 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/seriousness-criteria';
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

const RESEARCH = {
  scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'research'),
  category: [coded('http://terminology.hl7.org/CodeSystem/consentcategorycodes', 'research')],
};

describe('consent', () => {
  test('an adult who permits all but providing abroad', () => {
    expect(resources(desk, 'consent', respond(desk, 'consent', CONSENT))).toEqual([
      {
        resourceType: 'Consent',
        id: 'form-toaydbyox3e6ku4nb3wkxujye5',
        meta: META,
        status: 'active',
        ...RESEARCH,
        patient: HEAD.subject,
        dateTime: '2025-05-20T10:30:00+08:00',
        performer: [HEAD.subject],
        sourceReference: {
          type: 'DocumentReference',
          identifier: {
            system: 'urn:ietf:rfc:3986',
            value: `ni:///sha-256;${Buffer.from(SCAN, 'hex').toString('base64url')}`,
          },
        },
        policy: [{ uri: 'https://ncct.example.cn/NFEC-2023-207/icf/v3.0' }],
        provision: { type: 'permit', provision: [{ type: 'deny', purpose: [{ system: PURPOSE, code: 'abroad' }] }] },
      },
    ]);
  });

  test('a guardian becomes a RelatedPerson without a name, and verifies', () => {
    const given = { ...CONSENT, signer: 'Guardian', relationship: 'MTH', signed: '2025-05-20' };
    const [related, consent] = resources(desk, 'consent', respond(desk, 'consent', given));
    expect(related).toEqual({
      resourceType: 'RelatedPerson',
      id: 'form-wasu4itktzcou7pzbjr5aarlhu',
      meta: META,
      active: true,
      patient: HEAD.subject,
      relationship: [coded(ROLE, 'MTH')],
    });
    const reference = `RelatedPerson/${related.id}`;
    expect(consent.dateTime).toBe('2025-05-20');
    expect(consent.performer).toEqual([{ reference }]);
    expect(consent.verification).toEqual([{ verified: true, verifiedWith: { reference }, verificationDate: HEAD.at }]);
  });

  test('purposes not named are denied, those beyond the form permitted by a clause of their own', () => {
    const given = { ...CONSENT, purpose: ['data', 'abroad'] };
    const [consent] = resources(desk, 'consent', respond(desk, 'consent', given));
    expect(consent.provision).toEqual({
      type: 'permit',
      provision: [
        { type: 'deny', purpose: ['blood', 'tissue', 'omics'].map((code) => ({ system: PURPOSE, code })) },
        { type: 'permit', purpose: [{ system: PURPOSE, code: 'abroad' }] },
      ],
    });
  });

  test('a refusal', () => {
    const given = { signed: '2025-05-20', version: 'v3.0', signer: 'Patient', decision: 'deny' };
    const [consent, ...others] = resources(desk, 'consent', respond(desk, 'consent', given));
    expect(others).toEqual([]);
    expect(consent).toMatchObject({ status: 'rejected', provision: { type: 'deny' } });
    expect(consent.sourceReference).toBeUndefined();
  });
});

describe('specimen', () => {
  test('blood', () => {
    expect(resources(desk, 'specimen', respond(desk, 'specimen', BLOOD))).toEqual([
      {
        resourceType: 'Specimen',
        id: 'form-gvbbyvjyqnx5e4zngvij7eeard',
        meta: META,
        identifier: [{ system: 'https://study-gateway.example/sid/kit', value: 'KIT-000123' }],
        status: 'available',
        type: coded(SNOMED, '119297000'),
        subject: HEAD.subject,
        collection: {
          collector: HEAD.author,
          collectedDateTime: '2025-06-01T08:00:00+08:00',
          quantity: { value: 30, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' },
          bodySite: coded(SNOMED, '53120007'),
        },
      },
    ]);
  });

  test('tissue, by mass, with its procedure', () => {
    const given = {
      'kit-id': 'T-00012-1',
      kind: '废弃肝组织',
      collected: '2025-06-01T02:30:00Z',
      mass: 120.5,
      'tissue-position': 'right lobe of liver',
      procedure: 'Procedure/nf-x-1',
    };
    const [specimen] = resources(desk, 'specimen', respond(desk, 'specimen', given));
    expect(specimen.type).toEqual(coded(SNOMED, '119376003'));
    expect(specimen.collection).toEqual({
      extension: [
        {
          url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.collection.procedure',
          valueReference: { reference: 'Procedure/nf-x-1' },
        },
      ],
      collector: HEAD.author,
      collectedDateTime: '2025-06-01T02:30:00Z',
      quantity: { value: 120.5, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
      bodySite: coded(SNOMED, '48521005'),
    });
  });
});

describe('examination', () => {
  const category = (code: string) => [coded('http://terminology.hl7.org/CodeSystem/observation-category', code)];
  const derivedFrom = [{ reference: 'QuestionnaireResponse/qr-1' }];

  test('signs are present, absent or not examined', () => {
    const given = { ...EXAMINATION, 'spider-angioma': 'Present', jaundice: '未检查' };
    const found = resources(desk, 'examination', respond(desk, 'examination', given));
    expect(found[0]).toEqual({
      resourceType: 'Observation',
      id: 'form-av425ok3nrs3cbyiyc7scpgfe2',
      meta: META,
      status: 'final',
      category: category('exam'),
      code: coded('https://ncct.example.cn/cs/measure', 'exam-spider-angioma'),
      subject: HEAD.subject,
      effectiveDateTime: '2025-06-01',
      performer: [HEAD.author],
      valueBoolean: true,
      derivedFrom,
    });
    expect(found.map(({ valueBoolean }) => valueBoolean)).toEqual([
      true,
      false,
      false,
      undefined,
      false,
      false,
      false,
      false,
    ]);
    expect(found[3].dataAbsentReason).toEqual(
      coded('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'not-performed'),
    );
    expect(new Set(found.map(({ id }) => id)).size).toBe(8);
  });

  test('vital signs have units, blood pressure components', () => {
    const given = { ...EXAMINATION, systolic: 128, diastolic: 82, height: 170.5, weight: 64 };
    const found = resources(desk, 'examination', respond(desk, 'examination', given)).slice(8);
    const quantity = (value: number, unit: string, code = unit) => ({
      value,
      unit,
      system: 'http://unitsofmeasure.org',
      code,
    });
    expect(found.map(({ code }) => code.coding[0].code)).toEqual(['85354-9', '8302-2', '29463-7']);
    expect(found.map((one) => one.category)).toEqual([0, 1, 2].map(() => category('vital-signs')));
    expect(found[0].component).toEqual([
      { code: coded('http://loinc.org', '8480-6'), valueQuantity: quantity(128, 'mmHg', 'mm[Hg]') },
      { code: coded('http://loinc.org', '8462-4'), valueQuantity: quantity(82, 'mmHg', 'mm[Hg]') },
    ]);
    expect(found.slice(1).map(({ valueQuantity }) => valueQuantity)).toEqual([
      quantity(170.5, 'cm'),
      quantity(64, 'kg'),
    ]);
  });
});

describe('adverse event', () => {
  test('a stay that is prolonged is serious, by the criterion of hospitalization', () => {
    const given = { ...EVENT, 'stay-prolonged': true, procedure: 'Procedure/nf-x-1', relatedness: 'Related' };
    const criteria = ['C48275', 'C84266', 'C83052', 'C11338', 'C83117', 'C82521'];
    expect(resources(desk, 'adverse-event', respond(desk, 'adverse-event', given))).toEqual([
      {
        resourceType: 'AdverseEvent',
        id: 'form-6l265hnbblyp4xmiygdsrqogoy',
        meta: META,
        extension: criteria.map((code) => ({
          url: CRITERION,
          extension: [
            { url: 'criterionCode', valueCodeableConcept: coded(NCIT, code) },
            { url: 'criterionPresent', valueBoolean: code === 'C83052' },
          ],
        })),
        actuality: 'actual',
        event: { ...coded('http://hl7.org/fhir/sid/icd-10', 'T81.0'), text: '操作后出血或血肿' },
        subject: HEAD.subject,
        date: '2025-05-30T20:00:00+08:00',
        detected: '2025-05-30T21:00:00+08:00',
        recordedDate: HEAD.at,
        seriousness: coded(`${AE}seriousness`, 'serious'),
        severity: coded(`${AE}severity`, 'moderate'),
        outcome: coded(`${AE}outcome`, 'recovering'),
        recorder: HEAD.author,
        suspectEntity: [
          { instance: { reference: 'Procedure/nf-x-1' }, causality: [{ assessment: coded(NCIT, 'C53260') }] },
        ],
        study: [{ reference: 'ResearchStudy/nct07265544' }],
      },
    ]);
  });

  const seriousness = (given: object) =>
    resources(desk, 'adverse-event', respond(desk, 'adverse-event', { ...EVENT, ...given }))[0].seriousness.coding[0]
      .code;

  test('a planned stay alone is not serious; a fatal outcome is, whatever the criteria say', () => {
    expect(seriousness({})).toBe('non-serious');
    expect(seriousness({ outcome: 'fatal' })).toBe('serious');
    expect(seriousness({ hospitalization: true })).toBe('serious');
    expect(seriousness({ 'other-important': true })).toBe('serious');
  });

  test('an event in words alone, without a suspected procedure', () => {
    const [event] = resources(desk, 'adverse-event', respond(desk, 'adverse-event', { ...EVENT, term: '皮疹' }));
    expect(event.event).toEqual({ text: '皮疹' });
    expect(event.suspectEntity).toBeUndefined();
  });
});

describe('versions', () => {
  test('an amended response keeps the ids, has the higher version, and takes back what is no longer answered', () => {
    const first = resources(
      desk,
      'examination',
      respond(desk, 'examination', { ...EXAMINATION, height: 170, weight: 64 }),
    );
    const head = { status: 'amended', versionId: '2', at: '2025-06-01T05:00:00.000Z' } as const;
    const second = resources(desk, 'examination', respond(desk, 'examination', { ...EXAMINATION, height: 171 }, head));
    const byId = new Map(second.map((one) => [one.id, one]));
    for (const { id } of first) expect(byId.get(id).meta).toEqual({ ...META, versionId: '2', lastUpdated: head.at });
    const [height, weight] = first.slice(8);
    expect(byId.get(height.id)).toMatchObject({ status: 'amended', valueQuantity: { value: 171 } });
    expect(byId.get(weight.id)).toEqual({
      resourceType: 'Observation',
      id: weight.id,
      meta: { ...META, versionId: '2', lastUpdated: head.at },
      status: 'entered-in-error',
      category: weight.category,
      code: weight.code,
      subject: HEAD.subject,
    });
  });

  test('amended from a guardian to the patient: the guardian becomes inactive', () => {
    const given = respond(desk, 'consent', CONSENT, { status: 'amended', versionId: '2' });
    const [related, consent] = resources(desk, 'consent', given);
    expect(related).toEqual({
      resourceType: 'RelatedPerson',
      id: 'form-wasu4itktzcou7pzbjr5aarlhu',
      meta: { ...META, versionId: '2' },
      active: false,
      patient: HEAD.subject,
    });
    expect(consent.performer).toEqual([HEAD.subject]);
  });

  test.each([
    ['consent', ['RelatedPerson false', 'Consent entered-in-error']],
    ['specimen', ['Specimen entered-in-error']],
    ['examination', Array.from({ length: 14 }, () => 'Observation entered-in-error')],
    ['adverse-event', ['AdverseEvent entered-in-error']],
  ])('%s entered in error takes everything back, without looking at answers', (id, wanted) => {
    const response = respond(desk, id, {}, { status: 'entered-in-error', versionId: '2' });
    const found = resources(desk, id, response);
    expect(
      found.map(
        ({ resourceType, status, active, modifierExtension }) =>
          `${resourceType} ${status ?? active ?? modifierExtension[0].valueCode}`,
      ),
    ).toEqual(wanted);
  });

  test('names beside references do not pass on', () => {
    const response = respond(desk, 'specimen', { ...BLOOD, procedure: 'Procedure/nf-x-1' });
    response.subject = { reference: 'Patient/nf-p-000001', display: '张三' };
    response.author = { type: 'Practitioner', identifier: { system: 'urn:staff', value: '7' }, display: '李四' };
    const [specimen] = resources(desk, 'specimen', response);
    expect(specimen.subject).toEqual({ reference: 'Patient/nf-p-000001' });
    expect(specimen.collection.collector).toEqual({
      type: 'Practitioner',
      identifier: { system: 'urn:staff', value: '7' },
    });
  });

  test('ids depend on the response and the question alone', () => {
    const other = respond(desk, 'specimen', BLOOD, { id: 'qr-2' });
    const again = respond(desk, 'specimen', { ...BLOOD, volume: 25 }, { versionId: '5' });
    expect(resources(desk, 'specimen', other)[0].id).not.toBe('form-gvbbyvjyqnx5e4zngvij7eeard');
    expect(resources(desk, 'specimen', again)[0].id).toBe('form-gvbbyvjyqnx5e4zngvij7eeard');
  });
});

test('responses and all that they give have the shape of R4', () => {
  const shape = createShapeCheck();
  const full = {
    ...EXAMINATION,
    temperature: 36.6,
    'heart-rate': 70,
    systolic: 120,
    diastolic: 80,
    jaundice: '未检查',
  };
  const guardian = { ...CONSENT, signer: 'Guardian', relationship: 'FTH', purpose: ['data', 'abroad'] };
  const cases: [string, object][] = [
    ['consent', CONSENT],
    ['consent', guardian],
    ['specimen', { ...BLOOD, procedure: 'Procedure/1' }],
    ['examination', full],
    ['adverse-event', { ...EVENT, procedure: 'Procedure/1', relatedness: 'C53256' }],
  ];
  for (const [id, given] of cases) {
    for (const status of ['completed', 'amended', 'entered-in-error'] as const) {
      const response: r4.QuestionnaireResponse = respond(desk, id, { ...given }, { status });
      for (const one of [response, ...resources(desk, id, response)]) expect(shape.check(one as never)).toEqual([]);
    }
  }
});
