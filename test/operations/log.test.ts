import { faultOf, framesOf } from '../../src/operations/fault.ts';
import { createLog, type LogFields } from '../../src/operations/log.ts';

const NOON = Date.parse('2025-06-01T12:00:00Z');

function logged(fields: LogFields): unknown {
  const lines: string[] = [];
  createLog('info', { write: (line: string) => void lines.push(line) }, () => NOON).warn('happened', fields);
  return JSON.parse(lines.join(''));
}

test('one line of JSON, with nothing of machine or process', () => {
  expect(logged({ part: 'pull', count: 3 })).toEqual({
    level: 'warn',
    time: '2025-06-01T12:00:00.000Z',
    event: 'happened',
    part: 'pull',
    count: 3,
  });
});

test('what has not the form of its field is not written; what is no field neither', () => {
  const fields = {
    id: '0b7a 4e3c',
    route: '/Patient?name=li',
    method: 'GET /',
    status: Number.NaN,
    client: 'Li Wei',
    site: '延安',
    codes: ['stale', 'Li Wei'],
    error: 'Error: no Li Wei',
    frames: ['src/cli.ts:1', '/etc/passwd:1'],
    patient: 'Patient/1',
  };
  expect(logged(fields)).toEqual({
    level: 'warn',
    time: '2025-06-01T12:00:00.000Z',
    event: 'happened',
    ...{ id: '?', route: '?', method: '?', client: '?', site: '?', error: '?' },
    codes: ['stale', '?'],
    frames: ['src/cli.ts:1', '?'],
  });
});

test('only from its level on', () => {
  const lines: string[] = [];
  const log = createLog('warn', { write: (line: string) => void lines.push(line) }, () => NOON);
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['c', 'd']);
});

test('an error is told by name and code', () => {
  expect(faultOf(new TypeError('secret'))).toEqual({ error: 'TypeError' });
  expect(faultOf(Object.assign(new Error('secret'), { code: 'ERR_SQLITE_ERROR' }))).toEqual({
    error: 'Error ERR_SQLITE_ERROR',
  });
  expect(faultOf(Object.assign(new Error('secret'), { code: 'a secret' }))).toEqual({ error: 'Error' });
  expect(faultOf('secret')).toEqual({ error: 'string' });
});

test('frames are those of our own files, without what others wrote into the message', () => {
  const root = `${import.meta.dirname.replace('/test/operations', '')}/`;
  const error = new Error('secret');
  error.stack = [
    'Error: secret',
    ` at not a frame of ours (secret)`,
    `    at Object.open (file://${root}src/store/open.ts:12:5)`,
    `    at async ${root}src/cli.ts:7:1`,
    `    at next (${root}node_modules/express/index.js:3:1)`,
    '    at process.processTicks (node:internal/process/task_queues:103:5)',
  ].join('\n');
  expect(framesOf(error)).toEqual(['src/store/open.ts:12', 'src/cli.ts:7']);
  expect(framesOf('secret')).toEqual([]);
});
