import { Router } from 'express';
import { localsOf } from '../../src/http/locals.ts';
import type { RateLimits } from '../../src/http/rate.ts';
import { refuse, sendFhir } from '../../src/http/respond.ts';
import { outcome, startService, stopServices } from './service.ts';

afterEach(stopServices);

/** An area behind a check as authentication does it: the header `x-client` says who it is. */
const area = (rates: RateLimits) => {
  const router = Router();
  router.use((req, res, next) => {
    const id = req.get('x-client');
    if (id === undefined) {
      refuse(res, { status: 401, code: 'no-token', issue: 'login', message: 'Send a token.' });
      return;
    }
    localsOf(res).client = { id };
    next();
  });
  router.use(rates.perClient);
  router.get('/', (_req, res) => sendFhir(res, 200, {}));
  return [{ mount: '/ehr', router }];
};

const asked = async (url: string, headers: Record<string, string>, times: number) => {
  const answers: Response[] = [];
  for (let time = 0; time < times; time++) answers.push(await fetch(`${url}/ehr`, { headers }));
  return answers;
};
const statuses = (answers: Response[]) => answers.map(({ status }) => status);

test('a client has so many requests a minute; another client has its own', async () => {
  const { url } = await startService({ areas: area, settings: { ratePerClient: 3, ratePerAddress: 1 } });
  const answers = await asked(url, { 'x-client': 'one' }, 4);
  expect(statuses(answers)).toEqual([200, 200, 200, 429]);
  expect(answers[3]!.headers.get('retry-after')).toMatch(/^([1-9]|[1-5][0-9]|60)$/);
  expect(await outcome(answers[3]!)).toMatchObject({ status: 429, code: 'too-many-requests' });
  expect(statuses(await asked(url, { 'x-client': 'two' }, 1))).toEqual([200]);
});

test('who is no client has so many requests a minute by address; those of clients do not count', async () => {
  const { url } = await startService({ areas: area, settings: { ratePerAddress: 2 } });
  expect(statuses(await asked(url, { 'x-client': 'one' }, 3))).toEqual([200, 200, 200]);
  const answers = await asked(url, {}, 3);
  expect(statuses(answers)).toEqual([401, 401, 429]);
  expect(answers[2]!.headers.get('retry-after')).toMatch(/^([1-9]|[1-5][0-9]|60)$/);
});

test('health is told whatever the rate', async () => {
  const { url } = await startService({ areas: area, settings: { ratePerAddress: 1 } });
  await asked(url, {}, 2);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

describe('the address that a proxy tells', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });

  test('is believed of a proxy that is trusted', async () => {
    const settings = { ratePerAddress: 1, trustProxy: ['loopback'] };
    const { url } = await startService({ areas: area, settings });
    expect(statuses(await asked(url, from('192.0.2.1'), 2))).toEqual([401, 429]);
    expect(statuses(await asked(url, from('192.0.2.2'), 1))).toEqual([401]);
  });

  test('is not believed of anybody else', async () => {
    const { url } = await startService({ areas: area, settings: { ratePerAddress: 1 } });
    expect(statuses(await asked(url, from('192.0.2.1'), 1))).toEqual([401]);
    expect(statuses(await asked(url, from('192.0.2.2'), 1))).toEqual([429]);
  });
});
