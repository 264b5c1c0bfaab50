import type { Cohort, Person } from '../cohort.ts';
import { subjectIdOf } from '../cohort.ts';
import type { TableFile, TablesInput, VerdictFact } from '../input.ts';
import type { TableDefinitions } from '../load.ts';
import { adverseEvents } from './ae.ts';
import { type DatasetRecord, type Domain, datasetJson, ordered } from './dataset.ts';
import { demographicQualifiers, demographics } from './dm.ts';
import { AE, BE, BS, DM, DS, IE, RELSPEC, SUPPDM } from './domains.ts';
import { disposition, failedCriteria } from './ie-ds.ts';
import { datasetGaps } from './rules.ts';
import { specimenEvents, specimenFindings, specimenRelations } from './specimens.ts';

type Records = (
  person: Person,
  definitions: TableDefinitions,
  verdicts: readonly VerdictFact[],
) => readonly DatasetRecord[];

/** Every dataset with what makes its records of one person. */
const DATASETS: readonly [Domain, Records][] = [
  [DM, demographics],
  [SUPPDM, demographicQualifiers],
  [IE, (person, definitions, verdicts) => failedCriteria(person, verdicts, definitions)],
  [DS, disposition],
  [AE, adverseEvents],
  [BE, specimenEvents],
  [BS, specimenFindings],
  [RELSPEC, specimenRelations],
];

/** CDISC datasets, one a file (`dm.json` …), also those without records. */
export function* datasetFiles(cohort: Cohort, input: TablesInput): Iterable<TableFile> {
  const { definitions, createdAt, studyVersion } = input;
  const header = { studyId: definitions.settings.studyId, createdAt, version: studyVersion };
  const verdicts = Map.groupBy(input.verdicts, ({ subject }) => subject);
  for (const [domain, records] of DATASETS) {
    const all = cohort.people.flatMap((person) =>
      records(person, definitions, verdicts.get(subjectIdOf(person) ?? '') ?? []),
    );
    const rows = ordered(domain, all);
    yield {
      name: `${domain.name.toLowerCase()}.json`,
      content: datasetJson(domain, rows, header),
      rows: rows.length,
      gaps: datasetGaps(domain, rows),
    };
  }
}
