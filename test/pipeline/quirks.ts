import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { fileOf, type Parcel } from './delivery.ts';

/** Ways in which hospitals write one and the same line. */
const STYLES = [
  'plain',
  'spaced',
  'pretty',
  'sorted',
  'id-first',
  'escaped',
  'escaped-names',
  'contained',
  'slashes',
  'tabs',
] as const;
export type Style = (typeof STYLES)[number];

/** How the lines of a file are ended and what is around them. */
export interface Around {
  crlf: boolean;
  mark: boolean;
  blank: boolean;
  open: boolean;
  gzip: boolean;
  bundled: boolean;
  style: Style;
  /** Every so many lines one is cut off; 0: none. */
  cut: number;
}

export const around: fc.Arbitrary<Around> = fc.record({
  crlf: fc.boolean(),
  mark: fc.boolean(),
  blank: fc.boolean(),
  open: fc.boolean(),
  gzip: fc.boolean(),
  bundled: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  style: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Style>('plain') },
    { weight: 2, arbitrary: fc.constantFrom(...STYLES) },
  ),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) }),
});

const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A resource as text in one of the styles; the same JSON value in each (`contained` adds a resource nobody needs). */
export function written(resource: FhirResource, style: Style): string {
  const text = JSON.stringify(resource);
  switch (style) {
    case 'spaced':
      return JSON.stringify(resource, null, 1).replace(/\n\s*/g, ' ').replace(/^\{ /, '{').replace(/ \}$/, '}');
    case 'pretty':
      return JSON.stringify(resource, null, 2);
    case 'sorted':
      return JSON.stringify(Object.fromEntries(Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1))));
    case 'id-first': {
      const { id, ...rest } = resource;
      return JSON.stringify({ id, ...rest });
    }
    case 'escaped':
      return text.replace(/[^\x20-\x7e]/g, escaped);
    case 'escaped-names':
      return text.replace(/"(?:code|coding)":/g, (name) => `"${escaped(name[1]!)}${name.slice(2)}`);
    case 'contained': {
      const inner = { resourceType: 'Organization', id: 'inner', name: 'inside' };
      if (resource.contained || resource.resourceType === 'Patient') return text;
      const { resourceType, id, ...rest } = resource;
      return JSON.stringify({ resourceType, id, contained: [inner], ...rest });
    }
    case 'slashes':
      return text.replaceAll('/', '\\/');
    case 'tabs':
      return text.replace(/":/g, '"\t:\t');
    default:
      return text;
  }
}

/** A file of parcels as a hospital writes it. */
export function quirky(parcels: readonly Parcel[], how: Around): Buffer {
  const resources = parcels.flatMap((parcel) => ('resource' in parcel ? [parcel.resource] : []));
  const bundled = how.bundled || resources.length < parcels.length;
  const lines = bundled ? [fileOf(parcels, true).trimEnd()] : resources.map((one) => written(one, how.style));
  const broken = lines.flatMap((line, at) =>
    how.cut > 0 && at % how.cut === 1 && how.style !== 'pretty' ? [line.slice(0, -12), line] : [line],
  );
  const spread = broken.flatMap((line) => (how.blank ? [line, ''] : [line]));
  const end = how.crlf ? '\r\n' : '\n';
  const text = `${how.mark ? '\ufeff' : ''}${spread.join(end).replace(/(?<!\r)\n/g, end)}${how.open ? '' : end}`;
  return how.gzip ? gzipSync(text) : Buffer.from(text);
}
