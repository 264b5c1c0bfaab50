import { inUnit, isAbove, isBelow, type Measured, readQuantity } from '../fhir/quantity.ts';
import type { r4 } from '../fhir/resource.ts';
import { type Days, daysOf, type Span, yearsBetween } from '../fhir/time.ts';
import type { Collecting, CollectionContext } from './about.ts';
import type { AskCode, DeviationCode } from './words.ts';

/** Whether somebody was under age on some day of a span; null when birth or day leaves it open. */
export function isMinorOn(birth: Days | null, at: Span | null, context: CollectionContext): boolean | null {
  const days = at && daysOf(at, context.site.timezone);
  const ends = [birth?.first, birth?.last, days?.first, days?.last];
  if (!birth || !days || !ends.every(Number.isFinite)) return null;
  const { adultAge } = context.rules;
  if (yearsBetween(birth.first, days.last) < adultAge) return true;
  return yearsBetween(birth.last, days.first) >= adultAge ? false : null;
}

/** The most blood of a minor, in mL; null when weight or formula is missing. */
export function capOf(weightKg: number | null, { site }: CollectionContext): number | null {
  if (weightKg === null || !(weightKg > 0) || !site.minorBloodCap) return null;
  // Twelve digits: binary fractions must not decide at the limit.
  return Number((weightKg * site.minorBloodCap.mLPerKg).toPrecision(12));
}

/**
 * Judges the volume of a draw: an adult's must reach the study's; a minor's may be smaller, but not above the cap by
 * body weight (study protocol reading, "Specimens"). Without a volume in `collection.quantity` its containers are added.
 */
export function judgeVolume(
  specimen: r4.Specimen,
  began: Span | null,
  about: Pick<Collecting, 'birth' | 'weightKg'>,
  context: CollectionContext,
): { deviations: DeviationCode[]; asks: AskCode[] } {
  const volume = volumeOf(specimen);
  const minor = isMinorOn(about.birth, began, context);
  const asks: AskCode[] = [];
  if (!volume) return { deviations: [], asks: ['volume-unknown'] };
  if (minor !== false) {
    const cap = capOf(about.weightKg, context);
    if (cap === null && minor) asks.push('cap-unknown');
    else if (cap !== null && minor && isAbove(volume, cap) !== false) asks.push('volume-above-cap');
  }
  if (minor) return { deviations: [], asks };
  const below = isBelow(volume, context.rules.bloodMl);
  if (below === null) asks.push('volume-unknown');
  if (below !== false && minor === null) asks.push('age-unknown');
  return { deviations: below && minor === false ? ['low-volume'] : [], asks };
}

/** In mL; null when it is missing or in no unit of volume. */
function volumeOf({ collection, container = [] }: r4.Specimen): ReturnType<typeof inUnit> {
  if (collection?.quantity) return millilitres(collection.quantity);
  const parts = container.map(({ specimenQuantity }) => specimenQuantity && millilitres(specimenQuantity));
  const known = parts.filter((part) => part !== undefined && part !== null);
  if (known.length === 0 || known.length < parts.length) return null;
  return known.reduce((sum, part) => ({
    low: rounded(sum.low + part.low),
    high: rounded(sum.high + part.high),
    lowOpen: sum.lowOpen || part.lowOpen,
    highOpen: sum.highOpen || part.highOpen,
  }));
}

function millilitres(quantity: r4.Quantity): ReturnType<typeof inUnit> {
  const read: Measured | null = readQuantity(quantity);
  const volume = read && inUnit(read, 'mL');
  return volume && { ...volume, low: rounded(volume.low), high: rounded(volume.high) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
