import { cpSync } from 'node:fs';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { createScreener } from '../../src/screening/assess.ts';
import { functionBodies } from '../../src/screening/functions/bodies.ts';
import type { SessionHolder } from '../../src/screening/session.ts';
import { loadStudy } from '../../src/study/load.ts';
import { loadSites } from '../../src/study/site.ts';
import { emptyFolder, removeFolders } from './copied-folder.ts';
import { writeSkinSite, writeSkinStudy } from './skin-study.ts';

afterAll(removeFolders);

const NOW = Date.parse('2025-06-01T04:00:00Z');

async function open() {
  const [root, sites] = [emptyFolder(), emptyFolder()];
  writeSkinStudy(root);
  writeSkinSite(sites);
  const holder: SessionHolder = { current: null };
  const loaded = await loadStudy(root, functionBodies(holder));
  const read = await loadSites(sites);
  if (!loaded.ok || !read.ok) throw new Error(JSON.stringify([loaded, read]));
  const { study, valueSets, textRules } = loaded.value;
  const screener = createScreener({ study, valueSets, textRules }, holder);
  return {
    root,
    study,
    assess: (...resources: object[]) => screener.assess(recordOf(resources), read.value.get('skin')!, NOW),
  };
}

function recordOf(resources: object[]) {
  return {
    site: 'skin',
    patient: 'p1',
    selves: new Set(['Patient/p1']),
    resources: resources as FhirResource[],
    mergeCycle: false,
  };
}

const patient = (birthDate: string) => ({ resourceType: 'Patient', id: 'p1', birthDate });
const lesion = (system: string, code: string, more: object = {}) => ({
  resourceType: 'Condition',
  id: 'c1',
  meta: { versionId: '2' },
  code: { coding: [{ system, code }] },
  subject: { reference: 'Patient/p1' },
  recordedDate: '2025-05-20',
  ...more,
});
const LESION = lesion('https://skin.example.org/cs/dx', 'AK');

let desk: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  desk = await open();
});

describe('a study of another disease is another folder', () => {
  test('loads under its own id and version', () => {
    expect(desk.study.version).toMatch(/^skin1@[0-9a-f]{12}$/);
    expect(desk.study.criteria.map((criterion) => criterion.id)).toEqual(['LESION', 'CHILD']);
    expect([...desk.study.usedValueSets]).toEqual(['keratosis']);
    expect(desk.study.openQuestions).toEqual([]);
  });

  test('somebody with the lesion, known by the hospital’s own code, is included and grouped', () => {
    const assessment = desk.assess(patient('1950-01-01'), LESION);
    expect(assessment.verdicts).toMatchObject([
      { id: 'LESION', verdict: 'met', reason: 'lesion-confirmed', evidence: ['Condition/c1/_history/2'], holds: false },
      { id: 'CHILD', verdict: 'not-met', reason: 'grown-up', evidence: ['Patient/p1'] },
    ]);
    expect(assessment).toMatchObject({
      studyVersion: desk.study.version,
      group: 'Lesion',
      groups: ['Lesion'],
      stratum: null,
      anchor: { day: '2025-06-01', from: 'now' },
      facts: { diseaseEvidence: true, openRequests: false },
      flags: [],
    });
  });

  test('a child is excluded, an unknown age holds', () => {
    expect(desk.assess(patient('2015-01-01'), LESION).verdicts[1]).toMatchObject({ verdict: 'met', reason: 'child' });
    expect(desk.assess({ resourceType: 'Patient', id: 'p1' }, LESION).verdicts[1]).toMatchObject({
      verdict: 'unknown',
      holds: true,
      missing: expect.arrayContaining([expect.objectContaining({ what: 'birth-date', standing: 'absent' })]),
    });
  });

  test('without the lesion, or with another disease, the inclusion is open and there is no group', () => {
    for (const other of [[], [lesion('http://hl7.org/fhir/sid/icd-10', 'D18.013')]]) {
      const assessment = desk.assess(patient('1950-01-01'), ...other);
      expect(assessment.verdicts[0]).toMatchObject({ verdict: 'unknown', reason: 'lesion', holds: true });
      expect([assessment.group, assessment.facts.diseaseEvidence]).toEqual([null, false]);
    }
  });

  test('the text rules are its own: a text is a suggestion, never evidence', () => {
    const told = { ...LESION, code: { text: '面部日光性角化病' } };
    expect(desk.assess(patient('1950-01-01'), told).verdicts[0]).toMatchObject({
      verdict: 'unknown',
      reason: 'lesion-suggested',
      missing: expect.arrayContaining([expect.objectContaining({ what: 'lesion-suggested' })]),
    });
  });

  test('its faults are found like everybody’s', async () => {
    const root = emptyFolder();
    cpSync(desk.root, root, { recursive: true });
    writeSkinStudy(root, { lesionSet: 'keratose' });
    const read = await loadStudy(root);
    expect(read.ok ? [] : read.faults).toContainEqual(
      expect.objectContaining({ file: 'eligibility.json', message: expect.stringContaining('"keratose"') }),
    );
  });
});
