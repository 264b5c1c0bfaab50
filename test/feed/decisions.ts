import type { FhirResource } from '../../src/fhir/resource.ts';
import type { DecisionKind, Role } from '../../src/study/decision.ts';
import { plain } from './builders.ts';
import type { Told } from './people.ts';
import { SITES } from './sites.ts';
import type { Expected } from './story.ts';

/** One act of the study team in the script. */
interface Act {
  kind: DecisionKind;
  role?: Role;
  reason?: string;
  attests?: readonly string[];
  /** Version of the ResearchSubject that its maker looked at. */
  seen: number;
}

/** What the study team does with the first person of a story, and what becomes of that person. */
interface Scene {
  story: string;
  acts: readonly Act[];
  /** What differs from the story's own expectation. */
  becomes: Partial<Expected>;
  /** The participant number, once given for ever. */
  participant?: string;
  /** Acts that must be refused. */
  refused?: number;
}

const enrol: Act = { kind: 'enrol', attests: ['E3', 'E4'], seen: 1 };
const enrolled = (story: string, participant: string): Scene => ({
  story,
  acts: [enrol],
  becomes: { status: 'on-study', reason: null },
  participant,
});

/** The script of 1 June 2025, in the order of signing: numbers count per group over all sites. */
export const SCENES: readonly Scene[] = [
  enrolled('example 1: hemangioma, age 34', 'Normal-1'),
  enrolled('example 5: chronic hepatitis B', 'HBV-1'),
  enrolled('example 4: fatty liver, biopsy 20 %', 'FattyLiver-1'),
  enrolled('example 5: chronic hepatitis B with Ishak 5', 'Fibrosis-1'),
  enrolled('group: Normal, elderly', 'Normal-2'),
  enrolled('need: biopsy', 'HBV-2'),
  enrolled('E2: PT 13 s instead of INR', 'FattyLiver-2'),
  enrolled('group: cirrhosis without a measure', 'Fibrosis-2'),
  {
    story: 'need: booked procedure',
    acts: [enrol, { kind: 'withdraw', role: 'coordinator', seen: 2 }],
    becomes: { status: 'off-study', reason: 'consent-withdrawn' },
    participant: 'HBV-3',
  },
  {
    story: 'grade: steatosis 5',
    acts: [{ kind: 'unsuitable', reason: 'cannot attend follow-up', seen: 1 }],
    becomes: { status: 'ineligible', reason: 'unsuitable', criteria: { E4: 'met' } },
  },
  {
    story: 'need: on-hold',
    acts: [{ kind: 'decline', role: 'coordinator', seen: 1 }],
    becomes: { status: 'not-registered', reason: 'declined' },
  },
  {
    story: 'example 4: fatty liver, biopsy 70 %',
    acts: [{ ...enrol, role: 'coordinator' }],
    becomes: {},
    refused: 1,
  },
];

/** The Tasks of the script, and how many of them must be refused. */
export interface Script {
  tasks: FhirResource[];
  refused: number;
}

const DECISIONS = 'https://study-gateway.example/CodeSystem/decision';

/** Plays the script: the people in it come to what it says, in place. */
export function playScript(told: readonly Told[]): Script {
  const tasks: FhirResource[] = [];
  for (const { story, acts, becomes, participant } of SCENES) {
    const person = told.find((each) => each.story.name === story)?.person;
    if (!person?.expected) throw new Error(`the script needs a subject of the story "${story}"`);
    const { E4: _, ...criteria } = person.expected.criteria ?? {};
    person.expected = { ...person.expected, ...becomes, criteria: { ...criteria, ...becomes.criteria } };
    if (participant) person.participant = participant;
    for (const act of acts) tasks.push(taskOf(act, person, tasks.length));
  }
  return { tasks, refused: SCENES.reduce((sum, { refused = 0 }) => sum + refused, 0) };
}

/** R4 Task that carries a signed decision. */
function taskOf(act: Act, { site, patient }: Told['person'], at: number): FhirResource {
  const role = act.role ?? 'investigator';
  const authoredOn = `2025-06-01T14:${String(at).padStart(2, '0')}:00+08:00`;
  const inputs = [['role', role], ['meaning', act.kind], ...(act.attests ?? []).map((one) => ['attests', one])];
  return plain({
    resourceType: 'Task',
    id: `${patient.slice('Patient/'.length).replace('-p-', '-t-')}-${act.kind}`,
    meta: { versionId: '1', lastUpdated: authoredOn, source: SITES[site].fhirBase },
    status: 'completed',
    intent: 'order',
    code: { coding: [{ system: DECISIONS, code: act.kind }] },
    for: { reference: patient },
    // Pseudonyms are drawn with the keys of a store, so a script cannot name the subject; its version says what was seen.
    focus: { reference: `ResearchSubject/as-shown/_history/${act.seen}` },
    authoredOn,
    requester: { identifier: { system: `${SITES[site].fhirBase.replace(/fhir$/, 'sid')}/staff`, value: `${role}-1` } },
    ...(act.reason ? { reasonCode: { text: act.reason } } : {}),
    input: inputs.map(([name, valueString]) => ({ type: { coding: [{ code: name! }] }, valueString: valueString! })),
  });
}
