import type { FhirResource } from '../../src/fhir/resource.ts';
import { ViewRefused } from '../../src/tables/view/run.ts';
import { about, linesOf, MORE_PEOPLE, made, pseudonym, specimen, tables } from './people.ts';

const files = await made();
const lines = (name: string) => linesOf(files[`${name}.csv`]!.content);

test('participants: everybody handed over, with age and sex of the Patient and the facts beside', () => {
  expect(lines('participants')).toEqual([
    'participant,subject,patient,site,status,reason,enrolled_on,ended_on,group,actual_group,qualifying_groups,stratum,stratum_basis,flags,deviations,age_years,age_decade,gender,study_version',
    'Fibrosis-1,llqh4maodva75fepubeul5vff5,jv3uoqk6rwckdabeuyhdmtewvf,ya,on-study,,2025-06-01,,Fibrosis,,Fibrosis;HBV,severe,histology,re-consent,,34,,female,nct07265544@0123456789ab',
    'Normal-1,sp2aaaaaaaaaaaaaaaaaaaaaaa,p2aaaaaaaaaaaaaaaaaaaaaaaa,nf,off-study,deceased,2025-04-01,2025-04-20,Normal,Normal,Normal,minor,age,,,16,,male,nct07265544@0123456789ab',
    ',sp3aaaaaaaaaaaaaaaaaaaaaaa,p3aaaaaaaaaaaaaaaaaaaaaaaa,,eligible,,,,HBV,,HBV,,,,,,,other,nct07265544@0123456789ab',
    ',sp4aaaaaaaaaaaaaaaaaaaaaaa,p4aaaaaaaaaaaaaaaaaaaaaaaa,zn,ineligible,exclusion-criterion,,,FattyLiver,,FattyLiver,,,,,41,,female,nct07265544@0123456789ab',
    'FattyLiver-1,sp5aaaaaaaaaaaaaaaaaaaaaaa,p5aaaaaaaaaaaaaaaaaaaaaaaa,bf,off-study,lost-to-follow-up,2024-02-01,2024-09-01,FattyLiver,,FattyLiver,mild,elastography,,,82,,,nct07265544@0123456789ab',
  ]);
});

test('criteria: of a sensitive one nothing is told, met or not; of nobody who is not in the tables either', () => {
  expect(lines('criteria')).toEqual([
    'participant,subject,site,criterion,kind,verdict,reason,text,since',
    'Fibrosis-1,llqh4maodva75fepubeul5vff5,ya,I1,inclusion,met,i1-met,"Criterion I1, in ""English""",2025-06-01',
    'Fibrosis-1,llqh4maodva75fepubeul5vff5,ya,E1,exclusion,masked,,"Criterion E1, in ""English""",',
    'Fibrosis-1,llqh4maodva75fepubeul5vff5,ya,E2,exclusion,unknown,platelets,"Criterion E2, in ""English""",',
    ',sp4aaaaaaaaaaaaaaaaaaaaaaa,zn,I4,inclusion,not-met,i4-not-met,"Criterion I4, in ""English""",',
    ',sp4aaaaaaaaaaaaaaaaaaaaaaa,zn,E1,exclusion,masked,,"Criterion E1, in ""English""",',
    ',sp4aaaaaaaaaaaaaaaaaaaaaaa,zn,E2,exclusion,met,e2-met,"Criterion E2, in ""English""",2025-06-01',
  ]);
});

test('specimens: what is held or deviates stands there with its reasons', () => {
  const [header, ...rows] = lines('specimens');
  expect(header).toBe(
    'specimen,kit,participant,subject,patient,site,status,type,type_system,collected,collected_end,quantity,quantity_unit,body_site,method,received,parents,condition,deviations,holds',
  );
  const shown = (row: string) => {
    const [id, kit, , , , ...rest] = row.replaceAll(/\b[a-z0-9]{26}\b/g, (one) => one.slice(0, 3)).split(',');
    return [id, kit, ...rest].join(',');
  };
  expect(rows.map(shown)).toEqual([
    'b3a,,,available,122555007,http://snomed.info/sct,2025-05-07,2025-05-08,,,,,,,,,',
    'b5a,BF-00007,bf,available,BLD,http://terminology.hl7.org/CodeSystem/v2-0487,2024,,,,,,,,,,',
    'ddd,KIT-000123,ya,unavailable,BLDV,http://terminology.hl7.org/CodeSystem/v2-0487,2025-06-01T08:00:00+08:00,,25,mL,53120007,,,,,before-consent;low-volume,before-consent',
    'ddd,KIT-000123-1,ya,available,PLAS,http://terminology.hl7.org/CodeSystem/v2-0487,2025-06-01T08:00:00+08:00,,,,,,,ddd,FROZ,,',
    't2a,NF-00010,nf,available,TISS,http://terminology.hl7.org/CodeSystem/v2-0487,2025-04-02T11:00:00+08:00,,0.4,g,,,,,LIVE,,',
    't2c,NF-00011,nf,available,119376003,http://snomed.info/sct,2025-04-05,,,,,,,,,,',
    't2n,NF-00010-1,nf,available,TISS,http://terminology.hl7.org/CodeSystem/v2-0487,,,,,,,2025-04-03T08:00:00+08:00,t2a,,,',
  ]);
});

test('adverse events: criteria are those that are present', () => {
  expect(lines('adverse_events').slice(1)).toEqual([
    'e2aaaaaaaaaaaaaaaaaaaaaaaa,Normal-1,sp2aaaaaaaaaaaaaaaaaaaaaaa,p2aaaaaaaaaaaaaaaaaaaaaaaa,nf,,22298006,http://snomed.info/sct,2025-04-20,,,,serious,C48275,,fatal,,,,',
    'ffffffffffffffffffffffffff,Fibrosis-1,llqh4maodva75fepubeul5vff5,jv3uoqk6rwckdabeuyhdmtewvf,ya,in-progress,T81.000,http://hl7.org/fhir/sid/icd-10-cn,2025-06-02T20:00:00+08:00,2025-06-02T21:00:00+08:00,2025-06-03,,serious,C83052,moderate,recovering,true,eeeeeeeeeeeeeeeeeeeeeeeeee,C53260,',
  ]);
});

test('measurements: a row a value, also of each component; as NDJSON with every column', () => {
  const rows = files['measurements.ndjson']!.content.split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(
    rows.map((row) => [
      row.code,
      row.component,
      row.comparator,
      row.value,
      row.unit,
      row.value_code,
      row.value_boolean,
      row.absent_reason,
    ]),
  ).toEqual([
    ['85354-9', '8480-6', null, 128, 'mm[Hg]', null, null, null],
    ['85354-9', '8462-4', null, 82, 'mm[Hg]', null, null, null],
    ['42595-9', null, '<', 20, '[IU]/mL', null, null, null],
    ['5196-1', null, null, null, null, '10828004', null, null],
    ['exam-spider-angioma', null, null, null, null, null, false, null],
    ['exam-palmar-erythema', null, null, null, null, null, null, 'not-performed'],
  ]);
  expect(rows[2].interpretation).toEqual(['IND']);
  expect(lines('measurements')[0]).toBe(Object.keys(rows[0]).join(','));
});

test('a table without rows has its header; a text that a spreadsheet would run is made harmless', async () => {
  const none = await made({ resources: [], formats: ['csv', 'ndjson'] });
  expect(none['criteria.csv']!.content).toBe('participant,subject,site,criterion,kind,verdict,reason,text,since\r\n');
  expect(none['criteria.ndjson']!.content).toBe('');
  const risky = await made({
    verdicts: [
      {
        subject: pseudonym('sp4'),
        criterion: 'E9',
        exclude: true,
        sensitive: false,
        verdict: 'met',
        reason: null,
        text: '=1+1',
        since: null,
      },
    ],
    formats: ['csv'],
  });
  expect(linesOf(risky['criteria.csv']!.content)[1]).toMatch(/,'=1\+1,$/);
});

test('data for which a view has no cell is refused, by view and pseudonym, without the value', async () => {
  const two = specimen('p3', 'b9', null, { coding: [] }, { collection: { collectedDateTime: '2025-05-07' } });
  const [view] = (await tables()).views.filter(({ name }) => name === 'specimens');
  const { parseFhirPath } = await import('@medplum/core');
  const several = { name: 'status', path: parseFhirPath('extension.url') as never };
  const definitions = {
    ...(await tables()),
    views: [{ ...view!, parsed: { ...view!.parsed, select: [{ column: [several] }] } }],
  };
  const resources: FhirResource[] = [
    ...MORE_PEOPLE,
    { ...two, subject: about('p3'), extension: [{ url: 'a' }, { url: 'b' }] },
  ];
  const run = made({ definitions, resources, formats: ['csv'] });
  await expect(run).rejects.toThrow(ViewRefused);
  await expect(made({ definitions, resources, formats: ['csv'] })).rejects.toThrow(
    /^View "specimens" on Specimen\/\w{26}: a column has several values\. Write collection: true/,
  );
});
