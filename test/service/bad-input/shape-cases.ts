import { BASE, FAULTY, JSON_TYPE, nodesOf, type OddRequest, PARTS_REFUSED, shown, withAt } from './case.ts';
import { resources, transaction } from './resources.ts';

/** A value of every form that JSON has, and some that FHIR has not. */
const FORMS: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  number: 7.5,
  text: 'not of this kind \u0001',
  'empty object': {},
  object: { nothing: 'of FHIR' },
  'empty array': [],
  'array of arrays': [[1]],
  'array of null': [null],
};

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every element of every kept type replaced by every other form of value: R4 gives each element one form only. */
export function shapeCases(): OddRequest[] {
  const types = new Set<string>();
  const plain = resources().flatMap((resource) => {
    const { resourceType: type } = resource;
    const elements = nodesOf(resource).filter(({ at }) => {
      // An element that stands in many resources is tried in one.
      const element = at
        .filter((step) => typeof step === 'string')
        .slice(-2)
        .join('.');
      const known = types.has(element);
      types.add(element);
      return at.length === 1 || !known;
    });
    return elements.flatMap(({ at, value }) =>
      others(value).map(([form, other]) => odd(type, `${form} for ${type}.${shown(at)}`, withAt(resource, at, other))),
    );
  });
  return [...plain, ...reserved(), ...frames(), ...unknown()];
}

/** Forms that the element cannot have: all but a number for a number and a truth for a truth. */
function others(value: unknown): [string, unknown][] {
  return Object.entries(FORMS).filter(
    ([, other]) => typeof other !== typeof value || !['number', 'boolean'].includes(typeof other),
  );
}

function odd(type: string, name: string, resource: unknown): OddRequest {
  const body = JSON.stringify(resource);
  return {
    name: `shape: ${name}`,
    method: 'POST',
    path: `${BASE}/${type}`,
    headers: JSON_TYPE,
    body,
    expected: FAULTY,
  };
}

/** Keys that reach into JavaScript's own objects, at every object of some resources. */
function reserved(): OddRequest[] {
  return resources()
    .slice(0, 3)
    .flatMap((resource) => {
      const { resourceType: type } = resource;
      const objects = [{ at: [], value: resource }, ...nodesOf(resource)].filter(({ value }) => isObject(value));
      return objects.flatMap(({ at }) =>
        ['__proto__', 'constructor', 'prototype'].map((key) => {
          // Written as text: an object literal would set its prototype.
          const text = JSON.stringify(
            at.length === 0 ? { ...resource, mark: 0 } : withAt(resource, [...at, 'mark'], 0),
          );
          const body = text.replace('"mark":0', `"${key}":{"polluted":true,"isAdmin":true}`);
          return { ...odd(type, `${key} in ${type}.${shown(at)}`, null), body };
        }),
      );
    });
}

/** Elements that R4 does not have, at every object of a resource. */
function unknown(): OddRequest[] {
  const [patient] = resources();
  const keys = [
    'toString',
    'hasOwnProperty',
    '$where',
    'a.b',
    '',
    ' ',
    '\u0000',
    'é',
    'resource',
    '_',
    '@type',
    'x'.repeat(5_000),
  ];
  return keys.map((key) => odd('Patient', `element ${JSON.stringify(key).slice(0, 20)}`, { ...patient, [key]: 'x' }));
}

/** The Bundle around the resources. A fault of a transaction refuses all of it, of a batch the entry it is in. */
function frames(): OddRequest[] {
  return ['transaction', 'batch', 'collection'].flatMap((kind) => {
    const bundle = { ...transaction(), type: kind };
    const nodes = nodesOf(bundle).filter(({ at }) => at.length < 4 || at[2] === 'request');
    const one = { ...bundle, entry: [bundle.entry[0]!] };
    return nodes
      .filter(({ at }) => at[1] !== 1)
      .flatMap(({ at, value }) =>
        others(value).map(([form, other]): OddRequest => {
          const body = JSON.stringify(withAt(one, at, other));
          const alone = kind !== 'transaction' && at[0] === 'entry' && (at.length > 1 || form.startsWith('array of'));
          const name = `frame: ${form} for ${shown(at)} of a ${kind}`;
          const expected = alone ? PARTS_REFUSED : FAULTY;
          return { name, method: 'POST', path: BASE, headers: JSON_TYPE, body, expected };
        }),
      );
  });
}
