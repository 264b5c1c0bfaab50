import type { r4 } from '../fhir/resource.ts';
import { dayFrom } from '../fhir/time.ts';
import type { Desk } from './desk.ts';
import { extensionsNamed, valueNamed, valueX } from './extension.ts';
import type { AssumedUnit, ConsentForm, Detection, OpenQuestion, ParameterValue, Scale, Study } from './model.ts';
import type { SourceFile } from './source.ts';

/** Reads windows, cut-offs and switches; each becomes a variable of the language. */
export function readParameters(
  source: SourceFile,
  resource: r4.Parameters,
  desk: Desk,
): { values: Record<string, ParameterValue>; questions: OpenQuestion[] } {
  const values: Record<string, ParameterValue> = {};
  const questions: OpenQuestion[] = [];
  for (const [index, parameter] of (resource.parameter ?? []).entries()) {
    const path = ['parameter', index];
    const value = valueX(parameter as unknown as Record<string, unknown>);
    if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') {
      desk.fault(source, path, 'a parameter needs a number, a text or a boolean');
      continue;
    }
    values[parameter.name] = value;
    desk.declare(source, path, parameter.name, [typeof value === 'number' ? 'decimal' : typeof value]);
    const question = extensionsNamed(parameter, path, 'open-question')[0]?.extension;
    if (question) {
      const words = { zh: String(valueNamed(question, 'zh') ?? ''), en: String(valueNamed(question, 'en') ?? '') };
      questions.push({ parameter: parameter.name, answer: value, words });
    }
  }
  if (typeof values.adultAge !== 'number') {
    desk.fault(source, ['parameter'], 'adultAge is missing: from which birthday on somebody signs alone');
  }
  return { values, questions };
}

/** Reads the versions of the consent form; `base` is the canonical under which they lie. */
export function readConsentForms(source: SourceFile, resource: r4.Parameters, base: string, desk: Desk): ConsentForm[] {
  return (resource.parameter ?? []).flatMap((parameter, index) => {
    const path = ['parameter', index];
    const version = part(parameter, 'version');
    const obliges = part(parameter, 'obliges');
    if (typeof version !== 'string' || !/^(none|before-collection|all)$/.test(String(obliges))) {
      desk.fault(source, path, 'a consent form needs a version, and obliges: none, before-collection or all');
      return [];
    }
    const inForceFrom: Record<string, number> = {};
    for (const force of (parameter.part ?? []).filter((one) => one.name === 'inForceFrom')) {
      const day = dayFrom(String(part(force, 'date')));
      if (day === null) desk.fault(source, path, `${version}: the date of force is no day`);
      else inForceFrom[String(part(force, 'site') ?? '*')] = day;
    }
    if (Object.keys(inForceFrom).length === 0) desk.fault(source, path, `${version}: no date of force`);
    return [
      {
        version,
        url: `${base}/${version}`,
        obliges: obliges as ConsentForm['obliges'],
        purposes: (parameter.part ?? []).filter((one) => one.name === 'purpose').map((one) => one.valueCode ?? ''),
        coversEarlierData: part(parameter, 'coversEarlierData') === true,
        inForceFrom,
      },
    ];
  });
}

/** Reads histology scales, detection limits and assumed units. */
export function readMeasurement(
  source: SourceFile,
  resource: r4.Parameters,
  desk: Desk,
): { scales: Scale[]; detections: Detection[]; assumedUnits: AssumedUnit[]; results: Study['results'] } {
  const scales: Scale[] = [];
  const detections: Detection[] = [];
  const assumedUnits: AssumedUnit[] = [];
  const results = { positive: '', negative: '', indeterminate: '' };
  resource.parameter?.forEach((parameter, index) => {
    const path = ['parameter', index];
    if (parameter.name === 'results') {
      for (const key of ['positive', 'negative', 'indeterminate'] as const) {
        results[key] = String(part(parameter, key));
        desk.valueSet(source, path, results[key]);
      }
      return;
    }
    const valueSet = String(part(parameter, 'valueSet'));
    desk.valueSet(source, path, valueSet);
    if (parameter.name === 'scale') {
      const stages = String(part(parameter, 'stages') ?? '')
        .split(' ')
        .map(Number);
      if (stages.some((stage) => !Number.isInteger(stage)))
        desk.fault(source, path, 'stages are whole numbers with blanks between');
      const letters = (parameter.part ?? []).filter((one) => one.name === 'letter').map((one) => one.valueString ?? '');
      scales.push({ valueSet, letters, stages });
    } else if (parameter.name === 'detection') {
      const atLeast = part(parameter, 'atLeast');
      const above = part(parameter, 'above');
      const unit = part(parameter, 'unit');
      if (typeof atLeast !== 'number' && typeof above !== 'number')
        desk.fault(source, path, 'a detection needs atLeast or above');
      detections.push({
        valueSet,
        unit: typeof unit === 'string' ? unit : null,
        bound: Number(atLeast ?? above),
        inclusive: atLeast !== undefined,
      });
    } else if (parameter.name === 'assumedUnit') {
      assumedUnits.push({ valueSet, unit: String(part(parameter, 'unit')) });
    } else desk.fault(source, path, `"${parameter.name}" is neither a scale, a detection nor an assumedUnit`);
  });
  return { scales, detections, assumedUnits, results };
}

function part(parameter: r4.ParametersParameter, name: string): unknown {
  const found = parameter.part?.find((one) => one.name === name);
  return found && valueX(found as unknown as Record<string, unknown>);
}
