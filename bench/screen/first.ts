import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The lines of so many people of the side file of a feed, one person at a time. */
export async function* firstPeople(file: string, people: number): AsyncGenerator<string[]> {
  let [lines, given] = [[] as string[], 0];
  for await (const line of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    if (line !== '') lines.push(line);
    else {
      yield lines;
      lines = [];
      if (++given === people) return;
    }
  }
}
