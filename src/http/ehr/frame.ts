import type { ShapeCheck } from '../../fhir/shape/check.ts';
import { isTakenBundle, TAKEN_BUNDLES } from '../../intake/bundle.ts';
import { isObject } from '../../intake/json.ts';
import type { HttpRefusal } from '../respond.ts';

/** Stands for the resource of an entry, which is checked by itself. */
const STAND_IN = { resourceType: 'Basic' };
/** Where an entry must say what is to be done with it (R4, bdl-3). */
const WITH_REQUEST: readonly unknown[] = ['transaction', 'batch'];

/** Whether the entries of a Bundle of a type are requests; those of the other kinds tell of versions, as a file does. */
export const areRequests = (type: unknown): boolean => WITH_REQUEST.includes(type);

/** A fault of the Bundle itself, whatever its entries are; null when it has none. */
export function bundleFault(bundle: Record<string, unknown>, shape: ShapeCheck): HttpRefusal | null {
  const { entry, ...head } = bundle;
  if (!isTakenBundle(bundle.type)) {
    const message = `The base takes Bundles of type ${[...TAKEN_BUNDLES].join(', ')}.`;
    return { status: 400, code: 'bundle-type', issue: 'value', message, expression: 'Bundle.type' };
  }
  if (entry !== undefined && !(Array.isArray(entry) && entry.length > 0)) {
    const message = 'Bundle.entry is an array in FHIR, and never an empty one: leave it out where there is nothing.';
    return { status: 400, code: 'shape', issue: 'structure', message, expression: 'Bundle.entry' };
  }
  return shapeFault(head, shape, null);
}

/** A fault of an entry around its resource; null when it has none. */
export function entryFault(entry: unknown, at: number, type: unknown, shape: ShapeCheck): HttpRefusal | null {
  const stands = isObject(entry) && isObject(entry.resource) ? { ...entry, resource: STAND_IN } : entry;
  const fault = shapeFault({ resourceType: 'Bundle', type, entry: [stands] }, shape, at);
  if (fault || !isObject(entry)) return fault;
  if (entry.request === undefined && areRequests(type)) {
    const message = 'An entry of a transaction or batch says in its request what is to be done. Add method and url.';
    return { ...MALFORMED, issue: 'required', message, expression: `Bundle.entry[${at}].request` };
  }
  return null;
}

const MALFORMED = { status: 400, code: 'bundle-entry' } as const;

function shapeFault(bundle: object, shape: ShapeCheck, at: number | null): HttpRefusal | null {
  const [fault] = shape.check(bundle as Parameters<ShapeCheck['check']>[0]);
  if (!fault) return null;
  const { reason: code, message } = fault;
  const expression = fault.expression?.replace('Bundle.entry[0]', `Bundle.entry[${at}]`) ?? 'Bundle';
  return { status: 400, code, issue: 'structure', message, expression };
}
