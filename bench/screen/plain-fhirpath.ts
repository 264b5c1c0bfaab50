import { type Criterion, codesOf } from './criteria.ts';

/** A criterion as FHIRPath over a Bundle that holds the whole record of a person; answers true or false. */
export function plainFhirPath(criterion: Criterion): string {
  const { type, codes, status, confirmed, value, result, since } = criterion;
  const { list, leaf, choice } = codesOf(type);
  const any = (of: readonly string[], path: string) => of.map((one) => `${path} = '${one}'`).join(' or ');
  const coded = choice ? `${list}.ofType(CodeableConcept).coding` : list;
  const steps = [`${coded}.where(${any(codes, leaf)}).exists()`];
  if (status) steps.push(any(status, 'status'));
  if (confirmed)
    steps.push("verificationStatus.empty() or verificationStatus.coding.where(code = 'confirmed').exists()");
  if (value) steps.push(`value.ofType(Quantity).value ${value.by} ${value.than}`);
  if (result) {
    const concept = 'value.ofType(CodeableConcept)';
    const texts = `${concept}.text = '${result.text}' or value.ofType(string) = '${result.text}'`;
    steps.push(`${concept}.coding.where(code = '${result.code}').exists() or ${texts}`);
  }
  if (since) steps.push(`effective.ofType(dateTime) >= @${since}`);
  return `entry.resource.ofType(${type})${steps.map((one) => `.where(${one})`).join('')}.exists()`;
}
