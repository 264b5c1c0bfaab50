import { join } from 'node:path';
import type { Collecting, CollectionContext, Surgery } from '../../src/collection/about.ts';
import type { r4 } from '../../src/fhir/resource.ts';
import { dayFrom, orderOf, type Span, spanOf } from '../../src/fhir/time.ts';
import { loadCollection } from '../../src/study/collection.ts';
import { loadStudy } from '../../src/study/load.ts';
import { loadSites } from '../../src/study/site.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
export const STUDY = join(REPOSITORY, 'studies/nct07265544');
export const ZONE = 'Asia/Shanghai';

/** The study of this repository at one of its sites. */
export async function contextOf(): Promise<CollectionContext> {
  const study = await loadStudy(STUDY);
  const sites = await loadSites(join(REPOSITORY, 'sites'));
  if (!study.ok || !sites.ok) throw new Error('the study does not load');
  const rules = await loadCollection(STUDY, study.value);
  if (!rules.ok || !rules.value) throw new Error(JSON.stringify(rules));
  const site = sites.value.get('nf')!;
  return {
    rules: rules.value,
    site: { timezone: site.timezone, terminology: site.terminology, minorBloodCap: { mLPerKg: 2.4 } },
  };
}

export function at(text: string): Span {
  return spanOf(text, ZONE)!;
}

export function born(text: string) {
  const day = dayFrom(text)!;
  return { first: day, last: day };
}

/** A consent as these tests tell it: what it covers, and from when to when. */
export interface ConsentInForce {
  signed: Span;
  ends: Span | null;
  purposes: readonly string[];
}

/** Answers as the consent gate does, for consents that need no more than this. */
export function consentedBy(consents: readonly ConsentInForce[]): Collecting['consented'] {
  return (purpose, at) => {
    const answers = consents
      .filter(({ purposes }) => purposes.includes(purpose))
      .map(({ signed, ends }) => {
        const since = orderOf(signed, at);
        const until = ends ? orderOf(ends, at) : 'after';
        if (since === 'after' || until === 'before') return 'no';
        return since === 'before' && until === 'after' ? 'yes' : 'unknown';
      });
    if (answers.includes('yes')) return 'yes';
    return answers.includes('unknown') ? 'unknown' : 'no';
  };
}

export function consent(signed: string, ends: string | null = null, purposes = ['data', 'blood', 'tissue', 'omics']) {
  const held: ConsentInForce = { signed: at(signed), ends: ends === null ? null : at(ends), purposes };
  return held;
}

export function operated(start: string | null, reference = 'Procedure/p1'): Surgery {
  return { reference, started: true, start: start === null ? null : at(start) };
}

export function booked(start: string | null, reference = 'ServiceRequest/r1'): Surgery {
  return { reference, started: false, start: start === null ? null : at(start) };
}

/** What differs from the usual, consents in short. */
export type Told<T> = Partial<T> & { consents?: readonly ConsentInForce[] };

/** An adult of 40 who signed on 2025-05-30 at noon; the operation began on 2025-06-02 at 09:00. */
export function about(more: Told<Collecting> = {}): Collecting {
  const { consents = [consent('2025-05-30T12:00:00+08:00')], ...rest } = more;
  return {
    consented: consentedBy(consents),
    surgeries: [operated('2025-06-02T09:00:00+08:00')],
    birth: born('1985-01-01'),
    weightKg: null,
    withdrawn: false,
    enrolledInError: false,
    guardianEnded: false,
    collectionWaitsFrom: null,
    accepted: [],
    ...rest,
  };
}

/** 30 mL from the arm, with a kit id. */
export function blood(collected: string | r4.Period | null, more: Partial<r4.Specimen> = {}): r4.Specimen {
  const time =
    collected === null
      ? {}
      : typeof collected === 'string'
        ? { collectedDateTime: collected }
        : { collectedPeriod: collected };
  return {
    resourceType: 'Specimen',
    id: 's1',
    status: 'available',
    meta: { versionId: '1' },
    identifier: [{ system: 'https://study-gateway.example/sid/kit', value: 'KIT-000123' }],
    type: { coding: [{ system: 'http://snomed.info/sct', code: '119297000' }] },
    subject: { reference: 'Patient/1' },
    ...more,
    collection: {
      quantity: { value: 30, system: 'http://unitsofmeasure.org', code: 'mL' },
      bodySite: { coding: [{ system: 'http://snomed.info/sct', code: '53120007' }] },
      ...time,
      ...more.collection,
    },
  };
}

export function tissue(collected: string, more: Partial<r4.Specimen> = {}): r4.Specimen {
  return {
    resourceType: 'Specimen',
    id: 't1',
    status: 'available',
    identifier: [{ system: 'https://study-gateway.example/sid/kit', value: 'KIT-000124' }],
    type: { coding: [{ system: 'http://snomed.info/sct', code: '119376003' }] },
    subject: { reference: 'Patient/1' },
    collection: { collectedDateTime: collected },
    ...more,
  };
}

export function derived(id: string, parents: string[], more: Partial<r4.Specimen> = {}): r4.Specimen {
  return {
    resourceType: 'Specimen',
    id,
    status: 'available',
    identifier: [{ system: 'https://study-gateway.example/sid/kit', value: `KIT-000123-${id.slice(1)}` }],
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0487', code: 'PLAS' }] },
    subject: { reference: 'Patient/1' },
    parent: parents.map((parent) => ({ reference: `Specimen/${parent}` })),
    ...more,
  };
}

/** Deviations, holds, quarantine and asks, as codes. */
export function codes(one: {
  deviations: { code: string }[];
  holds: { code: string }[];
  quarantined: boolean;
  asks: { code: string }[];
}) {
  return {
    deviations: one.deviations.map(({ code }) => code),
    holds: one.holds.map(({ code }) => code),
    quarantined: one.quarantined,
    asks: one.asks.map(({ code }) => code),
  };
}

export const CLEAN = { deviations: [], holds: [], quarantined: false, asks: [] };
