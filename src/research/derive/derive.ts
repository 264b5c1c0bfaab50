import type { FhirResource, r4 } from '../../fhir/resource.ts';
import type { Site } from '../../study/site.ts';
import type { SiteTerminology } from '../../terminology/site.ts';
import type { Conformance } from '../conformance/check.ts';
import { execute } from '../map/execute.ts';
import type { MapRefusal } from '../map/language.ts';
import type { DerivedKind } from './kinds.ts';
import type { Mappings } from './load.ts';
import { type Facts, prepared } from './prepare.ts';
import { type Translation, translationOf } from './translation.ts';

export interface DeriverParts {
  mappings: Mappings;
  conformance: Conformance;
}

/** Where a resource comes from and whose it is. */
export interface DeriveContext extends Facts {
  site: Pick<Site, 'id' | 'timezone' | 'terminology'>;
  /** `<id of the study>@<hash>`. */
  studyVersion: string;
  /** Patient id at the hospital of the person in whose record the source stands (after merges the one who stays). */
  patient: string;
  /**
   * The pseudonym of a hospital's resource id, 26 characters of [a-z2-7]. Null where that resource does not pass: then
   * nothing refers to it, and the place is reported. Must be a function of its arguments.
   */
  pseudonym(kind: DerivedKind, id: string): string | null;
}

/** Why a resource may not pass: code of a map's refusal or of the conformance check. Repeats no value. */
export interface DeriveFault {
  code: string;
  /** FHIRPath into the research resource; null when the map refused. */
  expression: string | null;
  message: string;
}

/** What became of a source. */
export type Derived =
  | {
      kind: 'resource';
      resource: FhirResource;
      /** `Name@` and 12 hexadecimal digits. */
      mapVersion: string;
      /** JSON paths of the source that its map does not read. */
      unread: string[];
      /** Codes for which nothing public was found, places without pseudonym. */
      unmatched: string[];
    }
  | { kind: 'held'; mapVersion: string; faults: DeriveFault[]; unmatched: string[] }
  | { kind: 'left-out'; reason: LeftOut };

/** `no-map`: the type has no map; `entered-in-error`: to be taken back where it passed; `draft`: nothing was decided. */
export type LeftOut = 'no-map' | 'entered-in-error' | 'draft';

/** Makes research resources out of a hospital's. */
export interface Deriver {
  /** Resource types that have a map. */
  readonly types: ReadonlySet<string>;
  /**
   * Derives one resource of a person who may pass (the consent gate comes before). Pure: the same source and context
   * give the same bytes. What does not conform is held whole; nothing of it passes.
   * @param source R4 as the record keeps it: local references `Type/id`
   */
  derive(source: FhirResource, context: DeriveContext): Derived;
}

/** Joins the maps with the check of what goes out. */
export function createDeriver({ mappings, conformance }: DeriverParts): Deriver {
  const translations = new WeakMap<SiteTerminology, Translation>();

  function translationAt(terminology: SiteTerminology): Translation {
    const known = translations.get(terminology);
    if (known) return known;
    const translation = translationOf(mappings.terms, terminology);
    translations.set(terminology, translation);
    return translation;
  }

  return {
    types: new Set(mappings.byType.keys()),
    derive(source, context) {
      const map = mappings.byType.get(source.resourceType);
      if (!map) return { kind: 'left-out', reason: 'no-map' };
      if (isEnteredInError(source)) return { kind: 'left-out', reason: 'entered-in-error' };
      if (isDraft(source)) return { kind: 'left-out', reason: 'draft' };
      const { site, patient, studyVersion } = context;
      const study = studyVersion.split('@')[0]!;
      const seen = prepared(source, context, { patient, study, timezone: site.timezone });
      const mapped = execute(mappings.maps, map.url, seen, {
        ...translationAt(site.terminology),
        pseudonym: (kind, id) => context.pseudonym(kind as DerivedKind, id),
      });
      const mapVersion = map.version;
      if (!mapped.ok) return { kind: 'held', mapVersion, faults: mapped.refusals.map(faultOf), unmatched: [] };
      const { value: resource, unread, unmatched } = mapped;
      const faults = conformance.check(resource);
      if (faults.length > 0) return { kind: 'held', mapVersion, faults, unmatched };
      return { kind: 'resource', resource, mapVersion, unread, unmatched };
    },
  };
}

function faultOf({ code, message, file, line, path }: MapRefusal): DeriveFault {
  const where = [file, line].filter((part) => part !== null).join(':');
  return { code, expression: null, message: where ? `${message} (${where}, ${path})` : message };
}

function isDraft({ resourceType, status }: FhirResource): boolean {
  return resourceType === 'Consent' && (status === 'draft' || status === 'proposed');
}

/** Such a record is taken back where it passed before. */
function isEnteredInError(source: FhirResource): boolean {
  const wrong = 'entered-in-error';
  const verification = source.verificationStatus as r4.CodeableConcept | undefined;
  const status = (source.modifierExtension as r4.Extension[] | undefined) ?? [];
  return (
    source.status === wrong ||
    (verification?.coding ?? []).some(({ code }) => code === wrong) ||
    // R4 gives it no status.
    (source.resourceType === 'AdverseEvent' &&
      (status.some(({ valueCode }) => valueCode === wrong) ||
        (source.meta?.tag ?? []).some(({ code }) => code === wrong)))
  );
}
