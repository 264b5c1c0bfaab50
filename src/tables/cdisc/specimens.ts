import type { r4 } from '../../fhir/resource.ts';
import type { Person } from '../cohort.ts';
import { codingsOf, extensionCodes, idOf, startOf } from '../elements.ts';
import type { TableDefinitions } from '../load.ts';
import { specimenName } from '../specimen.ts';
import type { DatasetRecord } from './dataset.ts';
import { identified, subjectName } from './person.ts';

const TESTS: Readonly<Record<string, string>> = {
  VOLUME: 'Volume',
  MASS: 'Mass',
  LENGTH: 'Length',
  COUNT: 'Number of Sections',
};

/** Steps of processing and receipt of each specimen; the collection of those that were not made of another. */
export function specimenEvents(person: Person, { settings, terms }: TableDefinitions): DatasetRecord[] {
  return person.of('Specimen').flatMap((specimen) => {
    const { collection, processing = [], receivedTime } = specimen;
    const base = { ...identified(person, settings, 'BE'), BEREFID: specimenName(specimen) };
    const body = codingsOf(collection?.bodySite)[0]?.code ?? null;
    const collected = startOf(collection?.collectedDateTime, collection?.collectedPeriod);
    const ended = collection?.collectedPeriod?.end ?? null;
    const spec = terms.targetsOf('table-specimen-type-cdisc', codingsOf(specimen.type))?.[0];
    return [
      ...(specimen.parent === undefined
        ? [
            {
              ...base,
              BETERM: `COLLECTED${spec ? ` ${spec}` : ''}`,
              BECAT: 'COLLECTION',
              BELOC: body ? `SNOMED CT ${body}` : null,
              BESTDTC: collected,
              BEENDTC: ended,
            },
          ]
        : []),
      ...processing.map(({ procedure, timeDateTime, timePeriod }) => ({
        ...base,
        BETERM: processed(procedure),
        BECAT: 'PREPARATION',
        BESTDTC: startOf(timeDateTime, timePeriod),
        BEENDTC: timePeriod?.end ?? null,
      })),
      ...(receivedTime ? [{ ...base, BETERM: 'RECEIVED', BECAT: 'TRANSPORT', BESTDTC: receivedTime }] : []),
    ];
  });
}

function processed(procedure: r4.CodeableConcept | undefined): string {
  const code = codingsOf(procedure)[0]?.code;
  return code ? `PROCESSED, SNOMED CT ${code}` : 'PROCESSED';
}

/** Amount, state, deviations and holds of each specimen. */
export function specimenFindings(person: Person, { settings, terms }: TableDefinitions): DatasetRecord[] {
  return person.of('Specimen').flatMap((specimen) => {
    const { collection, container = [], condition = [] } = specimen;
    const base = {
      ...identified(person, settings, 'BS'),
      BSREFID: specimenName(specimen),
      BSSPEC: terms.targetsOf('table-specimen-type-cdisc', codingsOf(specimen.type))?.[0] ?? null,
      BSDTC: startOf(collection?.collectedDateTime, collection?.collectedPeriod),
    };
    const quality = (BSTESTCD: string, BSTEST: string, code: string) => ({
      ...base,
      BSTESTCD,
      BSTEST,
      BSCAT: 'QUALITY',
      BSORRES: code,
      BSSTRESC: code.toUpperCase(),
    });
    const amounts = [collection?.quantity, ...container.map(({ specimenQuantity }) => specimenQuantity)];
    return [
      ...amounts.flatMap((amount) => {
        const test = amount?.code
          ? terms.targets('table-specimen-measure', amount.system ?? '', amount.code)?.[0]
          : null;
        if (!test || amount?.value === undefined || amount.comparator) return [];
        const value = String(amount.value);
        return [
          {
            ...base,
            BSTESTCD: test,
            BSTEST: TESTS[test] ?? test,
            BSCAT: 'MEASUREMENT',
            BSORRES: value,
            BSORRESU: amount.code,
            BSSTRESC: value,
            BSSTRESN: value,
            BSSTRESU: amount.code,
          },
        ];
      }),
      ...(specimen.status ? [quality('STATUS', 'Specimen Status', specimen.status)] : []),
      ...condition.flatMap((one) => codingsOf(one).map(({ code }) => quality('COND', 'Specimen Condition', code!))),
      ...extensionCodes(specimen, 'deviation').map((code) => quality('DEVIATN', 'Deviation of Collection', code)),
      ...extensionCodes(specimen, 'specimen-hold').map((code) => quality('HOLD', 'Hold of the Specimen', code)),
    ];
  });
}

/** Lineage: a collected specimen is level 1, what is made of it the next; a parent that is not there leaves it open. */
export function specimenRelations(person: Person, { settings, terms }: TableDefinitions): DatasetRecord[] {
  const all = new Map(person.of('Specimen').map((specimen) => [specimen.id!, specimen]));
  const parentsOf = ({ parent = [] }: r4.Specimen) => parent.flatMap((one) => idOf(one, 'Specimen') ?? []);
  const levelOf = (specimen: r4.Specimen, below: ReadonlySet<string>): number | null => {
    const levels = parentsOf(specimen).map((id) => {
      const parent = all.get(id);
      return parent && !below.has(id) ? levelOf(parent, new Set([...below, id])) : null;
    });
    return levels.some((level) => level === null) ? null : 1 + Math.max(0, ...levels.map((level) => level!));
  };
  return [...all.values()].flatMap((specimen) => {
    const parents = parentsOf(specimen);
    const record = (parent: string | null): DatasetRecord => ({
      STUDYID: settings.studyId,
      USUBJID: subjectName(person, settings),
      REFID: specimenName(specimen),
      SPEC: terms.targetsOf('table-specimen-type-cdisc', codingsOf(specimen.type))?.[0] ?? null,
      PARENT: parent,
      LEVEL: levelOf(specimen, new Set([specimen.id!])),
    });
    if (parents.length === 0) return [record(null)];
    return parents.map((id) => record(all.has(id) ? specimenName(all.get(id)!) : id));
  });
}
