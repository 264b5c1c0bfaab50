import { seededRandom } from '../../feed/random.ts';
import { ACCEPTED, BASE, FAULTY, JSON_TYPE, nodesOf, type OddRequest, shown, withAt } from './case.ts';
import { allows, kindOf, NAUGHTY } from './naughty.ts';
import { resources, wordy } from './resources.ts';

/** Every naughty text in every text of a few resources; in each text of the others three, by the seed. */
export function textCases(seed: string): OddRequest[] {
  const random = seededRandom(seed);
  const names = Object.keys(NAUGHTY);
  const few = new Set(wordy().map(({ resourceType }) => resourceType));
  return resources().flatMap((resource) => {
    const { resourceType: type } = resource;
    return nodesOf(resource).flatMap(({ at, value }) => {
      if (typeof value !== 'string') return [];
      const tried = few.has(type) ? names.filter(isShort) : [1, 2, 3].map(() => random.pick(names.filter(isShort)));
      // A mebibyte is sent once for each resource.
      if (at.join() === longest(type)) tried.push('longer than FHIR allows');
      return [...new Set(tried)].map((name): OddRequest => {
        const text = NAUGHTY[name]!;
        return {
          name: `text: ${name} in ${type}.${shown(at)}`,
          method: 'POST',
          path: `${BASE}/${type}`,
          headers: JSON_TYPE,
          body: JSON.stringify(withAt(resource, at, text)),
          expected: allows(kindOf(type, at), text) ? ACCEPTED : FAULTY,
        };
      });
    });
  });
}

const isShort = (name: string) => name !== 'longer than FHIR allows';
const longest = (type: string) => (type === 'Patient' ? 'name,0,text' : 'text,div');
