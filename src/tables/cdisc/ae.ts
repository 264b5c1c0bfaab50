import type { r4 } from '../../fhir/resource.ts';
import type { Person } from '../cohort.ts';
import { codingsOf } from '../elements.ts';
import type { TableDefinitions } from '../load.ts';
import type { DatasetRecord } from './dataset.ts';
import { identified } from './person.ts';

const RESEARCH = 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/';
const FLAGS = ['AESCONG', 'AESDISAB', 'AESDTH', 'AESHOSP', 'AESLIFE', 'AESMIE'] as const;
/** Words for code systems, where the code is all that is known of an event. */
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  'http://snomed.info/sct': 'SNOMED CT',
  'http://hl7.org/fhir/sid/icd-10': 'ICD-10',
  'http://hl7.org/fhir/sid/icd-10-cm': 'ICD-10-CM',
  'http://hl7.org/fhir/sid/icd-10-cn': 'ICD-10-CN',
};

/** The adverse events of one person. */
export function adverseEvents(person: Person, definitions: TableDefinitions): DatasetRecord[] {
  return person.of('AdverseEvent').map((event) => adverseEvent(person, event, definitions));
}

function adverseEvent(person: Person, event: r4.AdverseEvent, { settings, terms }: TableDefinitions): DatasetRecord {
  const word = (map: 'table-event-severity' | 'table-event-outcome' | 'table-event-causality', codings: r4.Coding[]) =>
    terms.targetsOf(map, codings)?.[0] ?? null;
  const causality = (event.suspectEntity ?? []).flatMap(({ causality = [] }) =>
    causality.flatMap(({ assessment }) => codingsOf(assessment)),
  );
  return {
    ...identified(person, settings, 'AE'),
    AESPID: event.id ?? null,
    AETERM: termOf(event),
    AESEV: word('table-event-severity', codingsOf(event.severity)),
    AEREL: word('table-event-causality', causality),
    AEOUT: word('table-event-outcome', codingsOf(event.outcome)),
    ...seriousness(event, terms),
    AEDTC: event.recordedDate ?? null,
    AESTDTC: event.date ?? event.detected ?? null,
    AEENDTC: (event.extension ?? []).find(({ url }) => url === `${RESEARCH}resolve-date`)?.valueDateTime ?? null,
  };
}

/**
 * AESER and its criteria, each Y or N. Of an event whose seriousness is not told, none is; of a serious one that does
 * not say why, the criteria stay empty.
 */
function seriousness(event: r4.AdverseEvent, terms: TableDefinitions['terms']): DatasetRecord {
  const said = codingsOf(event.seriousness)[0]?.code;
  if (said === undefined) return {};
  const criteria = (event.extension ?? []).filter(({ url }) => url === `${RESEARCH}seriousness-criteria`);
  const present = criteria.flatMap(({ extension = [] }) => {
    const part = (name: string) => extension.find(({ url }) => url === name);
    return part('criterionPresent')?.valueBoolean === true
      ? codingsOf(part('criterionCode')?.valueCodeableConcept)
      : [];
  });
  const met = terms.targetsOf('table-seriousness', present) ?? [];
  const serious = said === 'serious';
  if (serious && met.length === 0) return { AESER: 'Y' };
  const flags = Object.fromEntries(FLAGS.map((flag) => [flag, met.includes(flag) ? 'Y' : 'N']));
  return { AESER: serious ? 'Y' : 'N', ...flags };
}

/** Words stay at the hospital: the code with its system is the term. */
function termOf({ event }: r4.AdverseEvent): string | null {
  const coding = codingsOf(event)[0];
  if (!coding?.code) return null;
  return `${SYSTEM_WORDS[coding.system ?? ''] ?? coding.system ?? ''} ${coding.code}`.trim();
}
