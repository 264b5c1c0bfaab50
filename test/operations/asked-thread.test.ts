import { AskedThread } from '../../src/operations/asked-thread.ts';
import type { Asked } from './echo-thread.ts';

const PROGRAM = new URL('./echo-thread.ts', import.meta.url);

function open() {
  const [said, ended]: [string[], unknown[]] = [[], []];
  const thread = new AskedThread<Asked, string, string, string>(PROGRAM, {
    data: 'echo',
    said: (word) => void said.push(word),
    ended: (error) => void ended.push(error),
  });
  return { thread, said, ended };
}

test('questions are answered in their order, whatever each takes', async () => {
  const { thread } = open();
  const order: string[] = [];
  const asked = [30, 0, 10].map((wait, at) =>
    thread.ask({ wait, word: `${at}` }).then((answer) => void order.push(answer)),
  );
  expect(thread.inHand).toBe(3);
  await Promise.all(asked);
  expect(order).toEqual(['echo 0', 'echo 1', 'echo 2']);
  expect(thread.inHand).toBe(0);
  await thread.close();
});

test('what is told comes beside the questions, and so does what it says', async () => {
  const { thread, said } = open();
  const first = thread.ask({ wait: 20, word: 'a' });
  thread.tell('x');
  expect(await first).toBe('echo a x');
  expect(said).toEqual(['heard x']);
  await thread.close();
});

test('a failure is that question’s alone, with its code', async () => {
  const { thread, ended } = open();
  const [failed, next] = [thread.ask({ fail: 'EIO' }), thread.ask({ wait: 0, word: 'b' })];
  await expect(failed).rejects.toMatchObject({ message: 'failed', code: 'EIO' });
  expect(await next).toBe('echo b');
  await thread.close();
  expect(ended).toEqual([]);
});

test('when it ends by itself, what is in hand and what comes later is rejected', async () => {
  const { thread, ended } = open();
  const [last, waiting] = [thread.ask({ end: true }), thread.ask({ wait: 0, word: 'c' })];
  await expect(last).rejects.toThrow('A thread has ended.');
  await expect(waiting).rejects.toThrow('A thread has ended.');
  await expect(thread.ask({ wait: 0, word: 'd' })).rejects.toThrow('A thread has ended.');
  expect(ended).toHaveLength(1);
  await thread.finish();
});

test('finishing waits for what is in hand; closing does not', async () => {
  const one = open();
  const [answer, finished] = [one.thread.ask({ wait: 20, word: 'e' }), one.thread.finish()];
  expect(await answer).toBe('echo e');
  await finished;
  const other = open();
  const cut = other.thread.ask({ wait: 60_000, word: 'f' });
  const [closed] = await Promise.allSettled([cut, other.thread.close()]);
  expect(closed.status).toBe('rejected');
  expect([one.ended, other.ended]).toEqual([[], []]);
});
