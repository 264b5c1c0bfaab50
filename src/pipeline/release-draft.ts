import { PARTICIPANT_NUMBER } from '../enrolment/research-subject.ts';
import { contentHash } from '../fhir/canonical.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { DiffPerson } from '../release/diff.ts';
import type { Exclusion, ReleaseLens } from '../release/lens.ts';
import { siteOf } from '../release/subject-site.ts';
import { type OwnVerdict, type ShownVerdict, VERDICT, verdictsShown } from '../release/verdicts.ts';
import type { Transaction } from '../store/store.ts';
import { EXTENSION_BASE } from '../study/extension.ts';
import type { Criterion } from '../study/model.ts';
import { type KnownVerdict, verdictsIn } from './verdicts.ts';

/** One person as the registry may have them. */
export interface DraftPerson extends DiffPerson {
  subject: string;
  /** In the order of the registry's ids. */
  resources: FhirResource[];
  /** In the order of the study's criteria. */
  verdicts: ShownVerdict[];
}

/** How much one reason left out. */
export interface ExclusionCount extends Exclusion {
  people: number;
  /** Resources or elements; those of people who were left out whole are not counted. */
  items: number;
}

/** What a release would hold, and what it would not. */
export interface Draft {
  /** In the order of the registry's ids. */
  people: DraftPerson[];
  /** Those left out whole, by reason. */
  peopleLeft: ExclusionCount[];
  /** Resources and elements left out of people who are in it, by reason. */
  itemsLeft: ExclusionCount[];
  /** Why each of those left out is. */
  bars: ReadonlyMap<string, Exclusion>;
  /** Live subjects of the study. */
  subjects: number;
  /** Versions of the maps that made what is in it. */
  maps: string[];
}

const MAP_VERSION = `${EXTENSION_BASE}map-version`;

/** Looks at the whole study side through a lens; reads only. Everybody is held in memory. */
export async function draftRelease(
  { study }: Transaction,
  lens: ReleaseLens,
  criteria: readonly Pick<Criterion, 'id' | 'exclude' | 'words'>[],
): Promise<Draft> {
  const people: DraftPerson[] = [];
  const bars = new Map<string, Exclusion>();
  const [peopleLeft, itemsLeft, maps] = [new Counts(), new Counts(), new Set<string>()];
  const subjects = await study.subjects();
  for (const row of subjects) {
    const rows = (await study.researchOf(row.id)).filter(({ deleted }) => !deleted);
    const stored = [{ ...row, type: 'ResearchSubject' }, ...rows];
    const own = stored.map(({ type, id, version, lastUpdated, body }) => {
      const meta = { versionId: String(version), lastUpdated };
      const resource = JSON.parse(body) as FhirResource;
      return { name: `${type}/${id}`, version, resource: { ...resource, meta: { ...resource.meta, ...meta } } };
    });
    const subject = { id: row.id, site: siteOf(own.map(({ resource }) => resource)) };
    const bar = lens.bars(subject);
    if (bar) {
      bars.set(row.id, bar);
      peopleLeft.add(bar, row.id, 0);
      continue;
    }
    lens.meet(stored);
    const shown: Record<string, [number, string]> = {};
    const withheld = new Set<string>();
    const resources: FhirResource[] = [];
    for (const { name, version, resource } of own) {
      const looked = lens.examine(resource, subject);
      for (const one of looked.left) itemsLeft.add(one, row.id, 1);
      if (looked.left.some(({ reason }) => reason === 'purpose-not-granted')) withheld.add(name);
      if (!looked.shown) continue;
      shown[name] = [version, contentHash(looked.shown).slice(0, 16)];
      resources.push(looked.shown);
    }
    const known = await study.verdictsOf(row.id);
    const verdicts = verdictsShown(
      lens.agreement,
      lens.registryId('ResearchSubject', row.id),
      ownVerdicts(criteria, verdictsIn(known?.verdicts ?? '{}')),
    );
    for (const one of verdicts)
      shown[`${VERDICT}/${one.criterion}`] = [known!.version, contentHash({ ...one }).slice(0, 16)];
    for (const { resource } of own) for (const map of mapsOf(resource)) maps.add(map);
    const participant = participantOf(own[0]!.resource);
    people.push({ subject: row.id, participant, resources: inOrder(resources), verdicts, shown, withheld });
  }
  const keyed = people.map((one) => ({ one, key: lens.registryId('ResearchSubject', one.subject) }));
  return {
    people: keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ one }) => one),
    peopleLeft: peopleLeft.all(),
    itemsLeft: itemsLeft.all(),
    bars,
    subjects: subjects.length,
    maps: [...maps].sort(),
  };
}

function ownVerdicts(
  criteria: readonly Pick<Criterion, 'id' | 'exclude' | 'words'>[],
  known: Readonly<Record<string, KnownVerdict>>,
): OwnVerdict[] {
  return criteria.flatMap(({ id, exclude, words }) => {
    const found = known[id];
    return found ? [{ criterion: id, exclude, text: words.en, ...found }] : [];
  });
}

/** Ours say when somebody came; the registry's say nothing. */
function inOrder(resources: readonly FhirResource[]): FhirResource[] {
  const name = ({ resourceType, id }: FhirResource) => `${resourceType}/${id}`;
  return [...resources].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

function participantOf(subject: FhirResource): string | null {
  const identifiers = (subject as unknown as r4.ResearchSubject).identifier ?? [];
  return identifiers.find(({ system }) => system === PARTICIPANT_NUMBER)?.value ?? null;
}

function mapsOf(resource: FhirResource): string[] {
  if (resource.resourceType !== 'Provenance') return [];
  const extensions = (resource.extension ?? []) as r4.Extension[];
  return extensions.flatMap(({ url, valueString }) => (url === MAP_VERSION && valueString ? [valueString] : []));
}

class Counts {
  private readonly counts = new Map<string, { of: Exclusion; people: Set<string>; items: number }>();

  add(of: Exclusion, subject: string, items: number): void {
    const key = `${of.reason} ${of.about}`;
    const known = this.counts.get(key) ?? { of, people: new Set<string>(), items: 0 };
    known.people.add(subject);
    known.items += items;
    this.counts.set(key, known);
  }

  /** Ordered by reason, then by what it is about. */
  all(): ExclusionCount[] {
    const keys = [...this.counts.keys()].sort();
    return keys.map((key) => {
      const { of, people, items } = this.counts.get(key)!;
      return { ...of, people: people.size, items };
    });
  }
}
