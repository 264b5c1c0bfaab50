import fc from 'fast-check';
import { inOrder } from '../../src/registry/export/in-order.ts';

test('works are finished in their order, each alone, whatever takes how long; never more than so many at a time', async () => {
  const works = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), works, fc.integer({ min: 1, max: 4 }), async (s, lengths, most) => {
      const queue = inOrder(most);
      const finished: number[] = [];
      let [open, widest, busy] = [0, 0, 0];
      const adding = (async () => {
        for (const [index, length] of lengths.entries()) {
          widest = Math.max(widest, ++open);
          await queue.add(s.schedule(Promise.resolve(length)), async (value) => {
            expect(++busy).toBe(1);
            await s.schedule(Promise.resolve(), `finish ${value}`);
            busy--;
            open--;
            finished.push(index);
          });
        }
        await queue.done();
      })();
      await s.waitFor(adding);
      expect(finished).toEqual(lengths.map((_, index) => index));
      expect(widest).toBeLessThanOrEqual(most);
    }),
  );
});

test('after one that failed none is finished, and the failure is told', async () => {
  const queue = inOrder(3);
  const finished: number[] = [];
  const finish = async (value: number) => void finished.push(value);
  await queue.add(Promise.resolve(1), finish);
  await queue.add(Promise.reject(new Error('broken')), finish);
  await expect(queue.add(Promise.resolve(3), finish).then(() => queue.done())).rejects.toThrow('broken');
  expect(finished).toEqual([1]);
});
