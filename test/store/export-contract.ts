import type { ExportFileRow, ExportRow } from '../../src/store/export-rows.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';

const row = (id: string, given: Partial<ExportRow> = {}): ExportRow => ({
  id,
  client: 'client-1',
  registry: 'Liver registry',
  plan: '{"types":["Patient"]}',
  state: 'waiting',
  code: null,
  at: '2024-02-01T00:00:00.000Z',
  mark: null,
  resources: 0,
  expiresAt: null,
  ...given,
});
const file = (of: string, number: number, given: Partial<ExportFileRow> = {}): ExportFileRow => ({
  export: of,
  number,
  kind: 'output',
  type: 'Patient',
  lines: 3,
  ...given,
});

/** What every store keeps to about bulk exports. */
export function exportContract(name: string, open: () => Promise<Opened>): void {
  describe(`export contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = (await open()).store;
    });
    afterEach(async () => store.close());

    test('exports are added once, noted, and wait in the order in which they came', async () => {
      await store.withTransaction(async ({ study }) => {
        const early = row('b', { at: '2024-01-01T00:00:00.000Z' });
        for (const one of [row('a'), early, row('c')]) await study.addExport(one);
        await expect(study.addExport(row('a', { client: 'x' }))).rejects.toThrow();
        expect(await study.export('none')).toBeNull();
        expect(await study.waitingExports()).toStrictEqual([early, row('a'), row('c')]);
        const going = row('a', { mark: '{"type":1}', resources: 7 });
        await study.noteExport(going);
        expect(await study.export('a')).toStrictEqual(going);
        const done = row('a', { state: 'done', resources: 9, expiresAt: '2024-02-02T00:00:00.000Z' });
        const failed = row('c', { state: 'failed', code: 'fault', expiresAt: '2024-02-03T00:00:00.000Z' });
        for (const one of [done, failed, row('none')]) await study.noteExport(one);
        expect(await study.export('c')).toStrictEqual(failed);
        expect(await study.export('none')).toBeNull();
        expect(await study.waitingExports()).toStrictEqual([early]);
        expect(await study.expiredExports('2024-02-02T00:00:00.000Z')).toEqual(['a']);
        expect(await study.expiredExports('2024-02-01T23:59:59.999Z')).toEqual([]);
      });
    });

    test('files go with their export', async () => {
      await store.withTransaction(async ({ study }) => {
        for (const id of ['a', 'b']) await study.addExport(row(id));
        const deleted = file('a', 1, { kind: 'deleted', type: 'Bundle', lines: 1 });
        for (const one of [file('a', 2), deleted, file('b', 1)]) await study.addExportFile(one);
        await expect(study.addExportFile(file('a', 2))).rejects.toThrow();
        await expect(study.addExportFile(file('none', 1))).rejects.toThrow();
        expect(await study.exportFiles('a')).toStrictEqual([deleted, file('a', 2)]);
        await study.removeExport('a');
        await study.removeExport('none');
        expect(await study.export('a')).toBeNull();
        expect(await study.exportFiles('a')).toEqual([]);
        expect(await study.exportFiles('b')).toStrictEqual([file('b', 1)]);
      });
    });
  });
}
