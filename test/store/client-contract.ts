import type { ClientRow } from '../../src/store/client-rows.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

const AT = '2025-06-01T00:00:00.000Z';
const LATER = '2025-06-02T00:00:00.000Z';

function client(id: string, changed: Partial<ClientRow> = {}): ClientRow {
  return {
    id,
    name: '佑安 EHR',
    kind: 'site',
    site: 'ya',
    registry: null,
    scopes: 'system/*.cruds',
    keys: '{"jwks":{"keys":[]}}',
    createdAt: AT,
    revokedAt: null,
    ...changed,
  };
}

/** What every store keeps to about clients of the service and the jtis they used. */
export function clientContract(name: string, open: () => Promise<Opened>, durable: boolean): void {
  describe(`client contract: ${name}`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => store.close());

    test('are given back as added, the oldest first', async () => {
      const rows = [
        client('b', { kind: 'registry', site: null, registry: '肝病登记' }),
        client('c', { kind: 'operator', site: null }),
        client('a', { createdAt: LATER, keys: '{"jwksUrl":"https://ehr.example/𠮷"}' }),
      ];
      await store.withTransaction(async ({ clients }) => {
        for (const row of [rows[2]!, rows[1]!, rows[0]!]) await clients.addClient(row);
        expect(await clients.clients()).toStrictEqual(rows);
        expect(await clients.client('a')).toStrictEqual(rows[2]);
        expect(await clients.client('A')).toBeNull();
      });
    });

    test('an id is used once, also after it was revoked', async () => {
      await store.withTransaction(async ({ clients }) => {
        await clients.addClient(client('a'));
        await expect(clients.addClient(client('a', { site: 'nf' }))).rejects.toThrow();
        await clients.revokeClient('a', LATER);
        await expect(clients.addClient(client('a', { site: 'nf' }))).rejects.toThrow();
        expect((await clients.client('a'))?.site).toBe('ya');
      });
    });

    test('a client of a site has a site, and only that', async () => {
      await store.withTransaction(async ({ clients }) => {
        await expect(clients.addClient(client('a', { site: null }))).rejects.toThrow();
        await expect(clients.addClient(client('a', { registry: 'x' }))).rejects.toThrow();
        await expect(clients.addClient(client('a', { kind: 'registry' }))).rejects.toThrow();
        await expect(clients.addClient(client('a', { kind: 'operator' }))).rejects.toThrow();
        expect(await clients.clients()).toStrictEqual([]);
      });
    });

    test('is revoked once; the first instant stays', async () => {
      await store.withTransaction(async ({ clients }) => {
        await clients.addClient(client('a'));
        expect(await clients.revokeClient('a', AT)).toBe(true);
        expect(await clients.revokeClient('a', LATER)).toBe(false);
        expect(await clients.revokeClient('none', LATER)).toBe(false);
        expect(await clients.client('a')).toStrictEqual(client('a', { revokedAt: AT }));
      });
    });

    test('a jti is used once by each client, until it expires', async () => {
      await store.withTransaction(async ({ clients }) => {
        await clients.addClient(client('a'));
        await clients.addClient(client('b'));
        expect(await clients.useJti('a', 'j', 100, 10)).toBe(true);
        expect(await clients.useJti('a', 'j', 200, 20)).toBe(false);
        expect(await clients.useJti('b', 'j', 50, 20)).toBe(true);
        expect(await clients.useJti('a', 'J', 100, 20)).toBe(true);
        // The second use changed nothing: it is the first that counts.
        expect(await clients.useJti('a', 'j', 300, 99)).toBe(false);
        expect(await clients.useJti('a', 'j', 300, 100)).toBe(true);
        expect(await clients.useJti('b', 'j', 300, 100)).toBe(true);
      });
    });

    test('a jti that was used in what is rolled back was not used', async () => {
      await store.withTransaction(({ clients }) => clients.addClient(client('a')));
      const failing = store.withTransaction(async ({ clients }) => {
        expect(await clients.useJti('a', 'j', 100, 10)).toBe(true);
        throw new Error('stop');
      });
      await expect(failing).rejects.toThrow('stop');
      expect(await store.withTransaction(({ clients }) => clients.useJti('a', 'j', 100, 10))).toBe(true);
    });

    if (durable) {
      test('clients and jtis are there after a restart', async () => {
        await store.withTransaction(async ({ clients }) => {
          await clients.addClient(client('a'));
          await clients.useJti('a', 'j', 100, 10);
        });
        store = await opened.reopen();
        await store.withTransaction(async ({ clients }) => {
          expect(await clients.clients()).toStrictEqual([client('a')]);
          expect(await clients.useJti('a', 'j', 100, 10)).toBe(false);
        });
      });
    }
  });
}
