/** URIs of the code systems the study uses (R4, "Using Codes", 4.3). */
export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const ICD_10 = 'http://hl7.org/fhir/sid/icd-10';
export const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';
/** The Chinese lists with suffixes. R4 names no URI for them; this one is the project's. */
export const ICD_10_CN = 'http://hl7.org/fhir/sid/icd-10-cn';
/** ICD-9-CM, of which only volume 3 (procedures) is read here: China codes procedures with it. */
export const ICD_9_CM = 'http://hl7.org/fhir/sid/icd-9-cm';
export const ATC = 'http://www.whocc.no/atc';

/** Other official names of the same systems: OIDs of the HL7 registry, and URIs of earlier releases. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['urn:oid:2.16.840.1.113883.6.96', SNOMED],
  ['urn:oid:2.16.840.1.113883.6.1', LOINC],
  ['urn:oid:2.16.840.1.113883.6.3', ICD_10],
  ['urn:oid:2.16.840.1.113883.6.90', ICD_10_CM],
  ['urn:oid:2.16.840.1.113883.6.104', ICD_9_CM],
  ['http://hl7.org/fhir/sid/icd-9-cm/procedure', ICD_9_CM],
  ['urn:oid:2.16.840.1.113883.6.73', ATC],
]);

/** Beginnings of URIs under which public code systems stand: a code there has a meaning without any hospital's map. */
const PUBLIC_PREFIXES = [
  'http://hl7.org/fhir/',
  'http://www.hl7.org/',
  'http://terminology.hl7.org/',
  'http://snomed.info/',
  'http://loinc.org',
  'https://loinc.org',
  'http://unitsofmeasure.org',
  'http://www.nlm.nih.gov/research/umls/',
  'http://www.whocc.no/atc',
  'http://id.who.int/icd',
  'http://www.ama-assn.org/go/cpt',
  'http://www.cms.gov/',
  'https://www.cms.gov/',
  'http://www.cdc.gov/',
  'https://www.cdc.gov/',
  'http://nucc.org/',
  'http://dicom.nema.org',
  'http://fdasis.nlm.nih.gov',
  'http://ncimeta.nci.nih.gov',
  'http://ncithesaurus-stage.nci.nih.gov',
  'http://clinicaltrials.gov',
  'http://varnomen.hgvs.org',
  'http://www.genenames.org',
  'http://www.orpha.net',
  'http://human-phenotype-ontology.org',
  'http://standardterms.edqm.eu',
  'http://ihe.net/',
  'https://www.usps.com/',
  'urn:iso:',
  'urn:iso-astm:',
  'urn:ietf:',
  // Branches of the HL7 root with public systems; .3 and .4 hold organizations' own.
  'urn:oid:2.16.840.1.113883.1.11.',
  'urn:oid:2.16.840.1.113883.5.',
  'urn:oid:2.16.840.1.113883.6.',
  'urn:oid:2.16.840.1.113883.12.',
  'urn:oid:1.2.840.10008.2.16.',
] as const;

/** The URI that R4 prefers for a system, if the given one is another official name of it; else the given one. */
export function officialSystem(uri: string): string {
  return OTHER_NAMES.get(uri) ?? uri;
}

/** Whether a system is one of the well-known public ones, so that its codes need no map of a hospital. */
export function isPublicSystem(uri: string): boolean {
  return OTHER_NAMES.has(uri) || PUBLIC_PREFIXES.some((prefix) => uri.startsWith(prefix));
}
