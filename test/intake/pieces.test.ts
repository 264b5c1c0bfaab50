import fc from 'fast-check';
import { PieceReader } from '../../src/intake/pieces.ts';

const FILE = { name: 'feed', path: '-', bytes: null };

/** A file of lines, documents over several lines, and what is cut off among them. */
const CONTENT = Buffer.from(
  [
    '{"resourceType":"Patient","id":"a","name":[{"text":"张三"}]}',
    '{"resourceType":"Bundle","type":"collection","entry":[',
    '  {"resource":{"resourceType":"Patient","id":"b"}},',
    '  {"resource":{"resourceType":"Patient","id":"c"}}',
    ']}',
    '{"resourceType":"Patient","id":"d","active":',
    '{"resourceType":"Patient","id":"e"}',
    '{"resourceType":"Patient","id":',
    '{"resourceType":"Patient","id":"f"}',
  ].join('\n'),
);

/** What a reader makes of pieces that all come in the same room, each written over by the next. */
function readIn(sizes: readonly number[]): unknown[] {
  const reader = new PieceReader(FILE);
  const room = Buffer.alloc(CONTENT.length);
  const found = [];
  let at = 0;
  for (const size of [...sizes, CONTENT.length]) {
    const length = CONTENT.copy(room, 0, at, Math.min(at + size, CONTENT.length));
    for (const one of reader.push(room.subarray(0, length))) found.push(JSON.stringify(one));
    room.fill('#');
    at += length;
  }
  for (const one of reader.end(null)) found.push(JSON.stringify(one));
  return found.map((text) => JSON.parse(text));
}

test('what is read does not depend on where pieces are cut, nor on what their room holds afterwards', () => {
  const whole = readIn([]);
  expect(whole.map((one) => (one as { resource?: { id: string } }).resource?.id ?? 'refused')).toEqual([
    'a',
    'b',
    'c',
    'refused',
    'e',
    'refused',
    'f',
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 }), (sizes) => {
      expect(readIn(sizes)).toEqual(whole);
    }),
  );
});
