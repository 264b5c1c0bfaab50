import type { FhirResource } from '../../../src/fhir/resource.ts';
import { keyedHash } from '../../../src/identity/keyed-hash.ts';
import { type Made, provenanceOf, sourceHash } from '../../../src/research/derive/provenance.ts';
import { concept, icd10 } from '../../feed/builders/codes.ts';
import { condition, patient } from '../../feed/builders.ts';
import { feedContext } from '../../feed/context.ts';
import { conformance, contextOf, deriver, STUDY_VERSION } from './deriver.ts';

const KEY = Buffer.alloc(32, 1);
const CTX = feedContext('ya', 1);
const SOURCE = condition(CTX, { code: concept(icd10('K76.0')) });

const hashed = (source: FhirResource) => ({ type: source.resourceType, hash: sourceHash(KEY, source) });

const derived = (await deriver()).derive(SOURCE, contextOf('ya', CTX.patientId));
if (derived.kind !== 'resource') throw new Error(derived.kind);

const MADE: Made = {
  target: derived.resource,
  id: keyedHash(KEY, 'pseudonym:provenance', `Condition/${derived.resource.id}`),
  sources: [hashed(SOURCE)],
  recorded: '2025-06-01T15:59:59.999Z',
  site: 'ya',
  studyVersion: STUDY_VERSION,
  mapVersion: derived.mapVersion,
};

test('says what was made, when, by which map and study version, from what', () => {
  const provenance = provenanceOf(MADE);
  expect(conformance.check(provenance)).toEqual([]);
  expect(provenance).toEqual({
    resourceType: 'Provenance',
    id: keyedHash(KEY, 'pseudonym:provenance', `Condition/${derived.resource.id}`),
    extension: [
      { url: 'https://study-gateway.example/StructureDefinition/map-version', valueString: derived.mapVersion },
      { url: 'https://study-gateway.example/StructureDefinition/study-version', valueString: STUDY_VERSION },
    ],
    target: [{ reference: `Condition/${derived.resource.id}` }],
    recorded: '2025-06-01T15:59:59.999Z',
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler' }],
        },
        who: { identifier: { system: 'https://study-gateway.example/sid/gateway', value: 'ya' } },
      },
    ],
    entity: [
      {
        role: 'source',
        what: {
          extension: [
            {
              url: 'https://study-gateway.example/StructureDefinition/source-hash',
              valueString: sourceHash(KEY, SOURCE),
            },
          ],
          type: 'Condition',
        },
      },
    ],
  });
});

test('without a map, from several sources', () => {
  const provenance = provenanceOf({ ...MADE, mapVersion: null, sources: [hashed(SOURCE), hashed(patient(CTX))] });
  expect(conformance.check(provenance)).toEqual([]);
  expect(provenance.extension).toHaveLength(1);
  expect((provenance.entity as { what: { type: string } }[]).map(({ what }) => what.type)).toEqual([
    'Condition',
    'Patient',
  ]);
});

test('carries nothing of the hospital', () => {
  const text = JSON.stringify(provenanceOf(MADE));
  expect(text).not.toContain(SOURCE.id!);
  expect(text).not.toContain(CTX.patientId);
  expect(text).not.toContain('ya.example');
});

describe('the hash of a source', () => {
  test('is a function of key and content, not of the order of its properties', () => {
    expect(sourceHash(KEY, SOURCE)).toMatch(/^[0-9a-f]{64}$/);
    const turned = Object.fromEntries(Object.entries(SOURCE).reverse()) as typeof SOURCE;
    expect(sourceHash(KEY, turned)).toBe(sourceHash(KEY, SOURCE));
    expect(sourceHash(Buffer.alloc(32, 2), SOURCE)).not.toBe(sourceHash(KEY, SOURCE));
    expect(sourceHash(KEY, { ...SOURCE, recordedDate: '2025-05-13' })).not.toBe(sourceHash(KEY, SOURCE));
  });
});
