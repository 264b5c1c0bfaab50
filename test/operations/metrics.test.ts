import { createMetrics } from '../../src/operations/metrics.ts';
import { watchProcess } from '../../src/operations/process.ts';

test('counters, gauges and histograms, with our prefix and no label of the machine', async () => {
  const metrics = createMetrics();
  const outcomes = metrics.counter('outcomes_total', 'What became of resources.', ['site', 'outcome']);
  outcomes.add({ site: 'ya', outcome: 'stale' });
  outcomes.add({ site: 'ya', outcome: 'stale' }, 2);
  metrics.counter('turns_total', 'Turns.').add({}, 4);
  metrics.gauge('waiting', 'Work that waits.', ['kind']).set({ kind: 'read' }, 5);
  metrics.asked('answer', 'Asked when looked at.', () => 42);
  metrics.histogram('wait_seconds', 'Waiting.', [1, 2], ['kind']).observe({ kind: 'read' }, 1.5);
  const values = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(values).toEqual([
    'study_gateway_outcomes_total{site="ya",outcome="stale"} 3',
    'study_gateway_turns_total 4',
    'study_gateway_waiting{kind="read"} 5',
    'study_gateway_answer 42',
    'study_gateway_wait_seconds_bucket{le="1",kind="read"} 0',
    'study_gateway_wait_seconds_bucket{le="2",kind="read"} 1',
    'study_gateway_wait_seconds_bucket{le="+Inf",kind="read"} 1',
    'study_gateway_wait_seconds_sum{kind="read"} 1.5',
    'study_gateway_wait_seconds_count{kind="read"} 1',
  ]);
});

test('two services in one process do not share metrics', () => {
  createMetrics().counter('outcomes_total', 'One.');
  expect(() => createMetrics().counter('outcomes_total', 'Another.')).not.toThrow();
});

test('memory and delay of the process', async () => {
  const metrics = createMetrics();
  const end = watchProcess(metrics);
  const reading = async (name: string) =>
    Number(new RegExp(`^study_gateway_${name} (\\S+)$`, 'm').exec(await metrics.text())![1]);
  // Sampled by a timer of its own, which comes late on a busy machine.
  let delay = 0;
  while (delay === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay = await reading('event_loop_delay_seconds');
  }
  expect(delay).toBeGreaterThan(0);
  expect(await reading('resident_memory_bytes')).toBeGreaterThan(1e7);
  end();
});
