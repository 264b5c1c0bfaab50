import { join } from 'node:path';
import type { r4 } from '../../src/fhir/resource.ts';
import { type Head, readGiven, responseOf } from '../../src/forms/fill.ts';
import { loadForms } from '../../src/forms/load.ts';
import { type Responded, resourcesOf } from '../../src/forms/respond.ts';
import type { Study } from '../../src/study/model.ts';
import { loadSites, type Site } from '../../src/study/site.ts';
import { HOME, studyOf } from '../pipeline/gateway.ts';

export const STUDY_FOLDER = join(HOME, 'studies', 'nct07265544');

/** The study of this repository with its forms and one of its sites. */
export interface Desk {
  study: Study;
  forms: ReadonlyMap<string, r4.Questionnaire>;
  site: Site;
}

let shared: Promise<Desk> | null = null;

export function openDesk(): Promise<Desk> {
  shared ??= load();
  return shared;
}

async function load(): Promise<Desk> {
  const { loaded } = await studyOf(STUDY_FOLDER);
  const forms = await loadForms(STUDY_FOLDER, loaded.study);
  if (!forms.ok) throw new Error(JSON.stringify(forms.faults));
  const sites = await loadSites(join(HOME, 'sites'));
  if (!sites.ok) throw new Error(JSON.stringify(sites.faults));
  return { study: loaded.study, forms: forms.value, site: sites.value.get('nf')! };
}

export const formOf = ({ forms }: Desk, id: string): r4.Questionnaire =>
  [...forms.values()].find((form) => form.id === id)!;

/** Signed at noon in Shanghai on 2025-06-01 by one of the hospital. */
export const HEAD: Head = {
  id: 'qr-1',
  versionId: '1',
  status: 'completed',
  at: '2025-06-01T04:00:00.000Z',
  subject: { reference: 'Patient/nf-p-000001' },
  author: { reference: 'Practitioner/nf-doc-1' },
};

/** A response with answers as somebody writes them. */
export function respond(
  desk: Desk,
  id: string,
  given: Readonly<Record<string, unknown>>,
  head: Partial<Head> = {},
): r4.QuestionnaireResponse {
  const form = formOf(desk, id);
  const { answers, faults } = readGiven(form, given, desk.site.timezone);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return responseOf(form, answers, { ...HEAD, ...head });
}

export function meant(desk: Desk, id: string, response: r4.QuestionnaireResponse): Responded {
  return resourcesOf(response, formOf(desk, id), desk.site, desk.study);
}

/** The resources of a response that must be right. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look at resources as JSON.
export function resources(desk: Desk, id: string, response: r4.QuestionnaireResponse): any[] {
  const responded = meant(desk, id, response);
  if (!responded.ok) throw new Error(JSON.stringify(responded.faults));
  return responded.resources;
}

/** `linkId code` of every fault. */
export function faults(desk: Desk, id: string, response: r4.QuestionnaireResponse): string[] {
  const responded = meant(desk, id, response);
  return responded.ok ? [] : responded.faults.map(({ linkId, code }) => `${linkId} ${code}`.trim());
}

export const SCAN = 'ab'.repeat(32);
export const CONSENT = {
  signed: '2025-05-20 10:30',
  version: 'v3.0',
  signer: 'Patient',
  decision: 'permit',
  purpose: ['data', 'blood', 'tissue', 'omics'],
  scan: SCAN,
};
export const BLOOD = {
  'kit-id': 'KIT-000123',
  kind: 'Peripheral blood',
  collected: '2025-06-01 08:00',
  volume: 30,
  position: 'upper limb',
};
export const SIGNS = [
  'spider-angioma',
  'palmar-erythema',
  'dull-complexion',
  'jaundice',
  'hepatic-pain',
  'hepatomegaly',
  'splenomegaly',
  'lymphadenopathy',
];
export const EXAMINATION = {
  examined: '2025-06-01',
  ...Object.fromEntries(SIGNS.map((sign) => [sign, 'absent'])),
};
export const EVENT = {
  term: 'T81.0',
  onset: '2025-05-30 20:00',
  detected: '2025-05-30 21:00',
  severity: 'moderate',
  outcome: 'recovering',
  death: false,
  'life-threatening': false,
  hospitalization: false,
  'stay-prolonged': false,
  disability: false,
  'congenital-anomaly': false,
  'other-important': false,
};
