import { AE_BACKPORT } from '../fhir/ae-backport.ts';

/** The status of the AE research backport is the one modifier that is understood. */
function isBackport(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((one) => String((one as { url?: unknown })?.url ?? '').startsWith(AE_BACKPORT))
  );
}

/**
 * Where below a value the first modifier extension, or implicitRules, stands (R4, "Modifier Extensions"), as the end of
 * a path: there is almost never one, so the path is put together only then.
 */
export function modifierIn(value: object): string | null {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = modifierUnder(value[index]);
      if (found !== null) return `[${index}]${found}`;
    }
    return null;
  }
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (key === 'implicitRules' || (key === 'modifierExtension' && !isBackport(item))) return `.${key}`;
    const found = modifierUnder(item);
    if (found !== null) return `.${key}${found}`;
  }
  return null;
}

function modifierUnder(item: unknown): string | null {
  return typeof item === 'object' && item !== null ? modifierIn(item) : null;
}
