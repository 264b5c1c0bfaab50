import r4 from 'fhirpath/fhir-context/r4';

interface R4Model {
  path2Type: Record<string, string>;
  choiceTypePaths: Record<string, string[]>;
  pathsDefinedElsewhere: Record<string, string>;
  type2Parent: Record<string, string>;
  availableTypes: Set<string>;
}

/** The R4 model of fhirpath.js: which path has which type. */
export const model = r4 as unknown as R4Model & typeof r4;

/** Whether R4 (or FHIRPath's System namespace) has a type of this name. */
export function isType(name: string): boolean {
  return model.availableTypes.has(name) || name in model.type2Parent;
}

/**
 * The types of an element of a type, inherited ones included; backbone elements are named by their path,
 * choice elements give all their types.
 * @returns null when R4 has no such element: fhirpath.js itself would silently find nothing
 */
export function elementTypes(type: string, element: string): string[] | null {
  const path = `${type}.${element}`;
  const elsewhere = model.pathsDefinedElsewhere[path];
  if (elsewhere) return [elsewhere];
  const choice = model.choiceTypePaths[path];
  if (choice) return choice.map((name) => primitiveName(name));
  const found = model.path2Type[path];
  if (found)
    return [
      found === 'BackboneElement' || found === 'Element'
        ? path
        : found.replace(/^System\./, '').replace(/^String$/, 'string'),
    ];
  if (type.includes('.')) return elementTypes('BackboneElement', element);
  const parent = model.type2Parent[type];
  return parent ? elementTypes(parent, element) : null;
}

const PRIMITIVES =
  /^(Base64Binary|Boolean|Canonical|Code|Date|DateTime|Decimal|Id|Instant|Integer|Markdown|Oid|PositiveInt|String|Time|UnsignedInt|Uri|Url|Uuid)$/;

function primitiveName(name: string): string {
  return PRIMITIVES.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}
