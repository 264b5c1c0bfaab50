import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Candidate, Rendering } from '../../src/registry/export/render.ts';
import { createRenderer, type Renderer } from '../../src/registry/export/renderer.ts';
import { ALL, agreementOn, lensOf, NOW } from '../release/agreements.ts';
import { plainLens } from './lens.ts';
import { ownId, type Person, person, recordOf } from './people.ts';

const AGREEMENT = agreementOn({
  ...{ age: 'decade', dates: 'shifted', identifiers: 'own' },
  resources: {
    Patient: ['gender'],
    Condition: ['clinicalStatus', 'verificationStatus', 'code', 'subject', 'onset', 'recordedDate'],
    Specimen: ['status', 'identifier', 'subject', 'parent', 'extension(specimen-hold)'],
  },
});
const PEOPLE = Array.from({ length: 40 }, (_, index) => person(index + 1));
const RENDERING: Rendering = { filters: { Patient: ['gender=female'] }, elements: null, zone: 'UTC', base: 'http://x' };
const lens = () =>
  lensOf(AGREEMENT, { granted: new Map(PEOPLE.map(({ number }) => [ownId(`subject-${number}`), ALL])), now: NOW });

const rowsOf = (type: string, people: readonly Person[]) =>
  people.flatMap((one) =>
    recordOf(one)
      .filter(({ resourceType }) => resourceType === type)
      .map((resource) => row(resource, one.number)),
  );
/** Pages of ten people and one type; every fifth has no site, and nothing of them may be shown. */
const PAGES = ['Patient', 'Condition', 'Specimen', 'Observation'].flatMap((type) =>
  [0, 10, 20, 30].map((from) => rowsOf(type, PEOPLE.slice(from, from + 10))),
);
function row(resource: FhirResource, number: number): Candidate {
  const { resourceType: type, id } = resource as { resourceType: string; id: string };
  const lastUpdated = '2025-06-01T00:00:00.000Z';
  const site = number % 5 === 0 ? null : 'ya';
  return {
    type,
    id,
    subject: ownId(`subject-${number}`),
    version: 2,
    lastUpdated,
    site,
    body: JSON.stringify(resource),
  };
}

let renderer: Renderer;
afterEach(() => renderer.close());
async function renderAll(pages: readonly Candidate[][]) {
  const all = await Promise.all(pages.map((page) => renderer.render(page)));
  return all.map(({ text, ...rest }) => ({
    ...rest,
    text: typeof text === 'string' ? text : Buffer.from(text).toString(),
  }));
}

test('a thread gives the same bytes as without one, in the order of the pages', async () => {
  renderer = createRenderer(lens(), RENDERING, Infinity);
  const here = await renderAll(PAGES);
  renderer = createRenderer(lens(), RENDERING, 25);
  expect(await renderAll(PAGES)).toEqual(here);
  // Of Patients only women were asked for; Observations are not in the agreement.
  expect(here.map(({ lines }) => lines)).toEqual([...Array(4).fill(4), ...Array(8).fill(8), ...Array(4).fill(0)]);
  expect(here[0]!.hidden).toEqual([4, 9]);
  const ids = here[0]!.text.split('\n').map((line) => line && JSON.parse(line).id);
  const women = [2, 4, 6, 8].map((number) => lens().registryId('Patient', ownId(`patient-${number}`)));
  expect(ids).toEqual([...women, '']);
});

test('a fault in a page is told of that page, and the next are made', async () => {
  renderer = createRenderer(lens(), RENDERING, 0);
  const broken = [{ ...PAGES[0]![0]!, body: '{' }];
  const [first, second, third] = await Promise.allSettled(
    [PAGES[0]!, broken, PAGES[1]!].map((one) => renderer.render(one)),
  );
  expect([first!.status, second!.status, third!.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((second as PromiseRejectedResult).reason).toMatchObject({ name: 'SyntaxError' });
});

test('once it is closed nothing waits for ever', async () => {
  renderer = createRenderer(lens(), RENDERING, 0);
  const pending = renderer.render(PAGES[0]!);
  const settled = expect(pending).rejects.toThrow('ended');
  await renderer.close();
  await settled;
  await expect(renderer.render(PAGES[0]!)).rejects.toThrow('ended');
});

test('a lens that is no agreement’s stays here', async () => {
  renderer = createRenderer(plainLens('r'), { ...RENDERING, filters: {} }, 0);
  expect((await renderAll([PAGES[0]!]))[0]).toMatchObject({ lines: 10, hidden: [] });
});
