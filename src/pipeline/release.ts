import type { KeyObject } from 'node:crypto';
import { signDetached } from '../identity/detached-signature.ts';
import type { RegistryKeyring } from '../identity/registry-keys.ts';
import { type Agreement, isInForce } from '../release/agreement.ts';
import { type DiffSide, diffOf, type PersonDiff, type Shown } from '../release/diff.ts';
import { filesOf, type ReleaseFile, type ReleaseWriter } from '../release/files.ts';
import { createLens } from '../release/lens.ts';
import { type Manifest, manifestOf, manifestText } from '../release/manifest.ts';
import { VERDICT } from '../release/verdicts.ts';
import type { ReleaseRow } from '../store/release-rows.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Criterion } from '../study/model.ts';
import { readGranted } from './granted.ts';
import { type Draft, draftRelease } from './release-draft.ts';

/** What releases are made with. */
export interface ReleaseDesk {
  store: Store;
  study: {
    id: string;
    version: string;
    timezone: string;
    purposes: { ofData: string };
    criteria: readonly Pick<Criterion, 'id' | 'exclude' | 'words'>[];
  };
  keyring: RegistryKeyring;
  signingKey: KeyObject;
  writers: readonly ReleaseWriter[];
  /** Wall clock, milliseconds. */
  clock: () => number;
  actor: string;
}

/** Why no release is made; stable codes. */
export const RELEASE_REFUSALS = {
  'not-in-force': 'The agreement is not in force on this day: releases begin and end with its legal basis.',
  'not-approver': 'Only the approver whom the agreement names approves a release.',
  'too-few-people': 'The release would hold fewer people than the smallest cell of the agreement.',
} as const;
export interface ReleaseRefusal {
  kind: 'release-refusal';
  code: keyof typeof RELEASE_REFUSALS;
  message: string;
}

export function isReleaseRefusal(value: object): value is ReleaseRefusal {
  return 'kind' in value && value.kind === 'release-refusal';
}

/** A release as it would be now, beside the last one. */
export interface Prospect {
  draft: Draft;
  /** The last release of the registry; null for the first. */
  last: ReleaseRow | null;
  diff: PersonDiff[];
}

/** A release, signed, and not yet recorded. */
export interface Made {
  manifest: Manifest;
  text: string;
  signature: string;
  files: ReleaseFile[];
  prospect: Prospect;
}

/**
 * Looks at what a release would hold now; writes nothing.
 * @param now the clock of agreement and consents, milliseconds
 */
export async function prospectOf(
  desk: ReleaseDesk,
  agreement: Agreement,
  now: number,
): Promise<Prospect | ReleaseRefusal> {
  const { keyring, store, study } = desk;
  if (!isInForce(agreement, now, study.timezone)) return refusal('not-in-force');
  return store.read(async (tx) => {
    const granted = await readGranted(tx);
    const { registry } = agreement;
    const lens = createLens({ agreement, keys: keyring.of(registry), study: study.id, granted, now });
    const draft = await draftRelease(tx, lens, study.criteria);
    const last = (await tx.study.releases(registry)).at(-1) ?? null;
    const diff = diffOf(await sideOf(tx, last), sideOfDraft(draft, agreement), (subject) => {
      const bar = draft.bars.get(subject);
      if (!bar) return 'correction';
      const isWithdrawn =
        bar.reason === 'purpose-not-granted' &&
        (granted.get(subject)?.get(study.purposes.ofData) ?? -Infinity) === -Infinity;
      const isSameTerms = last?.agreementHash === agreement.hash;
      return isWithdrawn || (isSameTerms && bar.reason === 'purpose-not-granted') ? 'withdrawn' : 'agreement';
    });
    return { draft, last, diff };
  });
}

/** Makes a release: files, manifest, signature. `recordRelease` makes it count. */
export async function makeRelease(
  desk: ReleaseDesk,
  agreement: Agreement,
  approver: string,
  now: number,
): Promise<Made | ReleaseRefusal> {
  if (approver !== agreement.approver) return refusal('not-approver');
  const prospect = await prospectOf(desk, agreement, now);
  if (isReleaseRefusal(prospect)) return prospect;
  const { people, maps } = prospect.draft;
  if (people.length < agreement.smallestCell) return refusal('too-few-people');
  const { id, version } = desk.study;
  const study = { id, version };
  const resources = people.flatMap((one) => one.resources);
  const verdicts = people.flatMap((one) => one.verdicts);
  const files = await filesOf(desk.writers, { resources, verdicts, agreement, study });
  const number = (prospect.last?.number ?? 0) + 1;
  const made = new Date(desk.clock()).toISOString();
  const of = { number, made, agreement, approver, study, maps, people: people.length, resources, files };
  const manifest = manifestOf(of);
  const text = manifestText(manifest);
  const signature = await signDetached(desk.signingKey, Buffer.from(text));
  return { manifest, text, signature, files, prospect };
}

/** Records a release with everybody in it, and an audit row. Throws when another took its number meanwhile. */
export async function recordRelease({ store, actor }: ReleaseDesk, made: Made): Promise<void> {
  const { manifest, text, signature, prospect } = made;
  const { registry, number, agreement, contentHash, made: at, release } = manifest;
  const people = prospect.draft.people.map(({ subject, participant, shown }) => ({
    subject,
    participant,
    resources: JSON.stringify(shown),
  }));
  const row = { registry, number, agreement: agreement.id, agreementHash: agreement.hash, at, contentHash };
  await store.withTransaction(async (tx) => {
    await tx.study.addRelease({ ...row, manifest: text, signature }, people);
    await tx.addAudit({ at, actor, action: 'release-made', object: release, detail: contentHash });
  });
}

async function sideOf({ study }: Transaction, last: ReleaseRow | null): Promise<DiffSide> {
  if (!last) return { people: new Map(), types: new Set() };
  const rows = await study.released(last.registry, last.number);
  const { types, criteria = [] } = (JSON.parse(last.manifest) as Manifest).agreement;
  return {
    people: new Map(
      rows.map(({ subject, participant, resources }) => [
        subject,
        { participant, shown: JSON.parse(resources) as Shown, withheld: new Set<string>() },
      ]),
    ),
    types: new Set([...types, ...(criteria.length > 0 ? [VERDICT] : [])]),
  };
}

function sideOfDraft({ people }: Draft, { resources, criteria }: Agreement): DiffSide {
  return {
    people: new Map(people.map((person) => [person.subject, person])),
    types: new Set([...resources.keys(), ...(criteria.size > 0 ? [VERDICT] : [])]),
  };
}

function refusal(code: ReleaseRefusal['code']): ReleaseRefusal {
  return { kind: 'release-refusal', code, message: RELEASE_REFUSALS[code] };
}
