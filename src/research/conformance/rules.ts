import { indexStructureDefinitionBundle, OperationOutcomeError, validateTypedValue } from '@medplum/core';
import type { FhirResource, r4 } from '../../fhir/resource.ts';
import type { Expanded } from './definition.ts';
import type { ConformanceFault } from './fault.ts';
import type { Profiles } from './profiles.ts';

type Indexed = Parameters<typeof indexStructureDefinitionBundle>[0];

/** Sets of profiles indexed so far: the index of the validator is one for the whole process. */
let sets = 0;

/**
 * The second opinion: cardinalities and the rules (invariants) of R4 and of the profiles, by the validator of
 * \@medplum/core over the snapshots. Its warnings count as well: they are wrong targets and doubled values.
 * Never throws: a check that breaks is a fault of the resource, which is then held.
 */
export function createRules({ byType, base }: Profiles): (resource: FhirResource) => ConformanceFault[] {
  sets += 1;
  const inUse = [...byType.keys()].flatMap((type) => base.get(type) ?? []);
  const renamed = [...byType.values()].map(({ name, snapshot }) => asType(snapshot, `${name}${sets}`));
  indexStructureDefinitionBundle([...base.types, ...inUse, ...renamed] as unknown as Indexed);
  const names = new Map([...byType].map(([type, { name }]) => [type, `${name}${sets}`]));
  return (resource) => {
    const type = names.get(resource.resourceType)!;
    try {
      return (validateTypedValue({ type, value: resource }) as r4.OperationOutcomeIssue[]).map((issue) =>
        faultOf(resource, issue),
      );
    } catch (error) {
      if (error instanceof OperationOutcomeError) {
        return (error.outcome.issue as r4.OperationOutcomeIssue[]).map((issue) => faultOf(resource, issue));
      }
      return [{ code: 'rule', expression: resource.resourceType, message: BROKEN }];
    }
  };
}

const BROKEN = 'The rules of the profile could not be applied to the resource. Show the resource to the developers.';

/**
 * The profile as a type of its own. As a profile, `validateResource` would parse it anew for every resource, which takes
 * two milliseconds; and its backbone elements would go by the names of R4's.
 */
function asType(snapshot: Expanded, name: string): Expanded {
  const element = snapshot.snapshot.element.map((one) => ({
    ...one,
    base: {
      path: (one.base?.path ?? one.path).replace(/^[A-Z]\w+/, (type) => (type === snapshot.type ? name : type)),
      min: one.base?.min ?? 0,
      max: one.base?.max ?? '*',
    },
  }));
  const url = `http://hl7.org/fhir/StructureDefinition/${name}`;
  return { ...snapshot, name, url, type: name, snapshot: { element } };
}

/** Only the name of a rule is repeated, never what the validator says of a value. */
function faultOf(
  { resourceType }: FhirResource,
  { expression, details }: Pick<r4.OperationOutcomeIssue, 'expression' | 'details'>,
): ConformanceFault {
  const rule = /^Constraint ([A-Za-z0-9-]{1,40}) not met: /.exec(details?.text ?? '')?.[1];
  return {
    code: 'rule',
    expression: expression?.[0] ?? resourceType,
    message: rule
      ? `The rule ${rule} of R4 or of the profile does not hold. Correct the map or complete the source.`
      : 'The element has not the number or the form the profile demands. Correct the map or complete the source.',
  };
}
