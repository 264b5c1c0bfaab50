import type { r4 } from '../fhir/resource.ts';
import type { Desk } from './desk.ts';
import { extensionsNamed, valueNamed } from './extension.ts';
import type { FlagRule, GroupRule, StratumRule } from './model.ts';
import type { SourceFile } from './source.ts';

/** Reads groups and strata: actions in the order of precedence, strata in the order in which they grade. */
export function readGroups(
  source: SourceFile,
  plan: r4.PlanDefinition,
  arms: readonly string[],
  desk: Desk,
): GroupRule[] {
  const groups: GroupRule[] = [];
  plan.action?.forEach((action, index) => {
    const path = ['action', index];
    const group = action.title ?? '';
    if (!arms.includes(group))
      desk.fault(source, path, `the group "${group}" is no arm of the study (${arms.join(', ')})`);
    const expression = condition(source, action, path, desk);
    const strata: StratumRule[] = [];
    action.action?.forEach((inner, position) => {
      const at = [...path, 'action', position];
      const compiled = condition(source, inner, at, desk);
      const basis = valueNamed(inner, 'basis');
      if (!inner.title || typeof basis !== 'string') desk.fault(source, at, 'a stratum needs a title and a basis');
      else if (compiled) strata.push({ stratum: inner.title, basis, expression: compiled });
    });
    const missing = extensionsNamed(action, path, 'stratum-missing')[0]?.extension;
    if (!expression) return;
    groups.push({
      group,
      onlyAlone: valueNamed(action, 'only-alone') === true,
      expression,
      strata,
      stratumMissing: missing
        ? { zh: String(valueNamed(missing, 'zh') ?? ''), en: String(valueNamed(missing, 'en') ?? '') }
        : null,
    });
  });
  for (const arm of arms) {
    if (!groups.some((group) => group.group === arm))
      desk.fault(source, ['action'], `no action says who belongs to the arm ${arm}`);
  }
  return groups;
}

/** Reads flags: one action each, its title is the code. */
export function readFlags(source: SourceFile, plan: r4.PlanDefinition, desk: Desk): FlagRule[] {
  return (plan.action ?? []).flatMap((action, index) => {
    const path = ['action', index];
    const expression = condition(source, action, path, desk);
    if (!action.title) desk.fault(source, path, 'a flag needs a title: its code');
    const words = { zh: String(valueNamed(action, 'zh') ?? ''), en: action.description ?? '' };
    const asks = valueNamed(action, 'asks') === true;
    return action.title && expression ? [{ flag: action.title, words, asks, expression }] : [];
  });
}

function condition(source: SourceFile, action: r4.PlanDefinitionAction, path: (string | number)[], desk: Desk) {
  const { expression, language } = action.condition?.[0]?.expression ?? {};
  return desk.expression(source, [...path, 'condition', 0, 'expression', 'expression'], expression, language);
}
