import { addClient, clientDesk, revokeClient } from '../../src/pipeline/clients.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';

const ID = 'ehr-1';
let store: Store;
let reads: number;
beforeEach(async () => {
  store = await openSqliteStore(':memory:');
  reads = 0;
  const client = { id: ID, name: 'EHR', kind: 'site', site: 'ya', registry: null, scopes: '' } as const;
  await addClient({ store, clock: () => 0, actor: 'test' }, { ...client, keys: { jwks: { keys: [] } } });
});
afterEach(() => store.close());

/** The desk over the store, counting how often that is read. */
const desk = () => {
  const counted: Store = {
    ...store,
    read(...given) {
      reads++;
      return store.read(...given);
    },
  };
  return clientDesk(counted, () => 0);
};

test('those who ask at the same time share one read; who asks later has one of its own', async () => {
  const { client } = desk();
  const [a, b, nobody] = await Promise.all([client(ID), client(ID), client('nobody')]);
  expect([a?.id, b?.id, nobody, reads]).toEqual([ID, ID, null, 2]);
  await client(ID);
  expect(reads).toBe(3);
});

test('a revocation counts for whoever asks after it, also while others are answered', async () => {
  const { client } = desk();
  const before = client(ID);
  await revokeClient({ store, clock: () => 0, actor: 'test' }, ID);
  const after = client(ID);
  expect((await after)?.revokedAt).toBe('1970-01-01T00:00:00.000Z');
  expect((await before)?.id).toBe(ID);
});
