import { createRequire } from 'node:module';
import type * as AjvLibrary from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Fault } from '../refusal.ts';
import type { FhirResource } from '../resource.ts';
import { type Finding, findingsOf, MOST_FAULTS } from './content.ts';
import { isDate, isDateTime, isInstant } from './dates.ts';
import { FHIR_ELEMENT } from './element.ts';
import { expressionOf } from './expression.ts';
import { findingOf } from './findings.ts';
import { definitionOf, type Schema } from './schema.ts';
import { R4_TYPES } from './types.ts';

export { R4_TYPES };

/** Says whether a resource has the shape of FHIR R4. */
export interface ShapeCheck {
  /** The first few faults; none means it has. Never throws on parsed JSON, however odd. */
  check(resource: FhirResource): Fault[];
}

let shared: ShapeCheck | null = null;

/**
 * The check of what comes in: the JSON schema of R4 (ajv, one type compiled at its first use, milliseconds each) and
 * what it cannot say. Profiles, terminology and references are not its matter. Reads the schema when it is first asked
 * (0.1 s); everybody gets the same check, so that no type is compiled twice.
 */
export function createShapeCheck(): ShapeCheck {
  shared ??= newShapeCheck();
  return shared;
}

/** What validates one resource type, compiled at its first use. */
function validators(): (type: string) => ValidateFunction {
  // Most commands check nothing: what they read was checked by an earlier one.
  const { Ajv } = createRequire(import.meta.url)('ajv') as typeof AjvLibrary;
  // V8 optimises what it makes as well as ajv would, and to compile a type takes a fifth less without.
  const code = { optimize: false };
  const ajv = new Ajv({ strict: false, validateSchema: false, addUsedSchema: false, logger: false, code });
  ajv.addFormat('fhir-date', isDate);
  ajv.addFormat('fhir-dateTime', isDateTime);
  ajv.addFormat('fhir-instant', isInstant);
  ajv.addFormat('fhir-reference', /^\S+$/);
  ajv.addFormat('fhir-base64', /^[\s0-9A-Za-z+/=]+$/);
  ajv.addKeyword(FHIR_ELEMENT);

  const added = new Set<string>();
  /** A definition, and those it refers to. */
  const add = (name: string) => {
    if (added.has(name)) return;
    added.add(name);
    const definition = definitionOf(name);
    ajv.addSchema(definition, `r4:${name}`);
    for (const reference of referencesIn(definition)) add(reference);
  };
  return (type) => {
    add(type);
    return ajv.getSchema(`r4:${type}`)!;
  };
}

/** The names of the definitions that one refers to: its elements, and what they are lists of. */
function* referencesIn(schema: Schema): Generator<string> {
  if (schema.$ref?.startsWith('r4:')) yield schema.$ref.slice('r4:'.length);
  const parts = [...Object.values(schema.properties ?? {}), schema.items, ...((schema.anyOf as Schema[]) ?? [])];
  for (const part of parts) if (part) yield* referencesIn(part);
}

function newShapeCheck(): ShapeCheck {
  let validatorOf: ReturnType<typeof validators> | null = null;

  const schemaFinding = (resource: FhirResource): Finding | null => {
    const { resourceType } = resource;
    if (!R4_TYPES.has(resourceType)) return { at: [], reason: 'unknown-type', message: UNKNOWN };
    validatorOf ??= validators();
    const validate = validatorOf(resourceType);
    return validate(resource) ? null : findingOf(validate.errors as ErrorObject[]);
  };

  /** Contained resources are looked at one by one, by their own type (FHIR R4, references.html#contained). */
  const containedFaults = (resource: FhirResource): Fault[] => {
    const faults: Fault[] = [];
    for (const [index, inner] of ((resource.contained ?? []) as FhirResource[]).entries()) {
      const place = `${resource.resourceType}.contained[${index}]`;
      const nested: Finding = { at: ['contained'], reason: 'shape', message: NESTED };
      const finding = 'contained' in inner ? nested : schemaFinding(inner);
      if (!finding) continue;
      const { expression, ...fault } = faultOf(inner.resourceType, finding);
      // An id is a resource's own only outside.
      const reason = fault.reason === 'invalid-id' ? 'shape' : fault.reason;
      faults.push({ ...fault, reason, expression: place + expression.slice(inner.resourceType.length) });
      if (faults.length >= MOST_FAULTS) break;
    }
    return faults;
  };

  return {
    check(resource) {
      const { resourceType } = resource;
      if (!R4_TYPES.has(resourceType)) return [{ reason: 'unknown-type', expression: null, message: UNKNOWN }];
      const findings = findingsOf(resource);
      if (findings.length > 0) return findings.map((finding) => faultOf(resourceType, finding));
      const finding = schemaFinding(resource);
      return finding ? [faultOf(resourceType, finding)] : containedFaults(resource);
    },
  };
}

const UNKNOWN = 'R4 has no resource type of this name. Convert the resource to FHIR R4 at the source, or leave it out.';
const NESTED = 'A contained resource may not contain others. Move them one level up.';

function faultOf(type: string, { at, reason, message }: Finding): Fault & { expression: string } {
  return { reason, expression: expressionOf(type, at), message };
}
