import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOME = join(import.meta.dirname, '..', '..');

/** Parts of a `.cpuprofile` (Chrome DevTools protocol, Profiler.Profile) that are read; times in microseconds. */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  /** `src/<room>`, a package, `node`, `garbage collector`, `native`. */
  room: string;
  /** Function and file with line. */
  where: string;
  milliseconds: number;
}

/** Self times of all profiles in a folder (one for each thread), the most first; idle time is left out. */
export function selfTimes(folder: string): SelfTime[] {
  const times = new Map<string, SelfTime>();
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.cpuprofile'))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [at, id] of samples.entries()) {
      const { functionName, url, lineNumber } = frames.get(id)!;
      if (functionName === '(idle)') continue;
      const file = fileOf(url);
      const where = `${functionName || '(anonymous)'}${file ? ` ${file}:${lineNumber + 1}` : ''}`;
      const known = times.get(where) ?? { room: roomOf(functionName, file), where, milliseconds: 0 };
      known.milliseconds += timeDeltas[at]! / 1_000;
      times.set(where, known);
    }
  }
  return [...times.values()].sort((x, y) => y.milliseconds - x.milliseconds);
}

/** The same, added up by room, the most first, with each room's functions of most time. */
export function byRoom(times: readonly SelfTime[], functions: number) {
  const all = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rooms = Map.groupBy(times, ({ room }) => room);
  return [...rooms]
    .map(([room, those]) => {
      const milliseconds = those.reduce((sum, one) => sum + one.milliseconds, 0);
      return { room, milliseconds, share: milliseconds / all, top: those.slice(0, functions) };
    })
    .sort((x, y) => y.milliseconds - x.milliseconds);
}

function fileOf(url: string): string {
  if (!url.startsWith('file:')) return url;
  const path = fileURLToPath(url);
  return path.startsWith(HOME) ? path.slice(HOME.length + 1) : path;
}

function roomOf(name: string, file: string): string {
  const source = /^(src\/[a-z-]+)/.exec(file);
  if (source) return source[1]!;
  const pack = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file);
  if (pack) return pack[1]!;
  if (file.startsWith('node:')) return 'node';
  return name === '(garbage collector)' ? 'garbage collector' : 'native';
}
