import { isAbove } from '../../fhir/quantity.ts';
import type { FhirResource, r4 } from '../../fhir/resource.ts';
import type { Scale } from '../../study/model.ts';
import type { Session } from '../session.ts';
import { valueIn } from './result.ts';

/** Whether the fibrosis stage (0–4, on whichever scale it was given) is at least so high; nothing when the text leaves it open. */
export function stageAtLeast(session: Session, resource: FhirResource, bound: number): boolean | [] {
  const stages = stagesOf(session, resource as unknown as r4.Observation);
  if (!stages) return session.undecided(resource, 'grade');
  if (stages.min >= bound) return true;
  return stages.max < bound ? false : session.undecided(resource, 'grade');
}

export function stageAtMost(session: Session, resource: FhirResource, bound: number): boolean | [] {
  const answer = stageAtLeast(session, resource, bound + 1);
  return Array.isArray(answer) ? answer : !answer;
}

/**
 * Whether an elastography may grade: no IQR/median above the limit was measured with it, as its component or on the
 * same day. Without an IQR/median it may.
 */
export function gradable(
  session: Session,
  resource: FhirResource,
  valueSet: string,
  quality: FhirResource[],
  limit: number,
): boolean | [] {
  const own = session.days(resource);
  const components = ((resource as unknown as r4.Observation).component ?? []).filter((component) =>
    session.reading(component.code).sets.has(valueSet),
  );
  const same = quality.filter((other) => {
    const days = session.days(other);
    return own && days && days.first <= own.last && days.last >= own.first;
  });
  let open = false;
  for (const measurement of [...components, ...(same as unknown as r4.Observation[])]) {
    const value = valueIn(session, measurement, '%');
    const above = value && isAbove(value, limit);
    if (above === true) return false;
    if (above === null) open = true;
  }
  return open ? session.undecided(resource, 'unit') : true;
}

/** Every stage a result may mean: `S2-3`, `G2S3`, `Ishak 5`, `F2`, `3`. The scale is known from the code. */
function stagesOf(session: Session, observation: r4.Observation): { min: number; max: number } | null {
  const { sets } = session.reading(observation.code);
  const scale = session.study.scales.find((one) => sets.has(one.valueSet));
  const text = textOf(observation);
  if (!scale || text === null) return null;
  const grades = gradesIn(text.normalize('NFKC'), scale);
  const stages = grades.map((grade) => scale.stages[grade]);
  if (stages.length === 0 || stages.some((stage) => stage === undefined)) return null;
  return { min: Math.min(...(stages as number[])), max: Math.max(...(stages as number[])) };
}

/** What leaves a grade open: comparators, doubt, denial, what was before. */
const OPEN = /[<>≤≥]|非|疑|待|排除|原|既往|曾/;

/** The grades a text names; the smallest and largest bound what it may mean. */
function gradesIn(text: string, scale: Scale): number[] {
  if (OPEN.test(text)) return [];
  for (const letter of scale.letters) {
    const named = new RegExp(
      `(?<![A-Za-z])${letter}\\s*(?:评分|分期|分级|stage|score|期)?\\s*[:：]?\\s*(\\d)(?:\\s*(?:[-~–—至到或、]|/)\\s*(?:${letter})?\\s*(\\d))?(?!\\d)`,
      'gi',
    );
    const grades = [...text.matchAll(named)].flatMap((match) => {
      // "5/6" is grade 5 of a scale that ends at 6; "S1/S2" names two.
      const ofScale = /\d\s*\/\s*\d/.test(match[0]);
      return [match[1]!, ofScale ? match[1]! : (match[2] ?? match[1]!)].map(Number);
    });
    if (grades.length > 0) return grades;
  }
  const bare = /^(\d)(?:\.0+)?(?:\s*[-~–—]\s*(\d))?(?:\s*\/\s*\d)?\s*(?:期|级|分)?$/.exec(text.trim());
  return bare ? [bare[1]!, bare[2] ?? bare[1]!].map(Number) : [];
}

function textOf(observation: r4.Observation): string | null {
  if (observation.valueString !== undefined) return observation.valueString;
  if (observation.valueInteger !== undefined) return String(observation.valueInteger);
  const quantity = observation.valueQuantity;
  if (quantity?.value !== undefined) return quantity.comparator ? null : String(quantity.value);
  const concept = observation.valueCodeableConcept;
  return concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code ?? null;
}
