import { fileURLToPath } from 'node:url';
import type { LogFields } from './log.ts';

const HOME = fileURLToPath(new URL('../..', import.meta.url));
const FRAMES = 20;

/** Name and code of an error, without its message: that may hold anything. */
export function faultOf(error: unknown): Pick<LogFields, 'error'> {
  const name = error instanceof Error ? error.name : typeof error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return { error: /^[A-Z0-9_]{1,60}$/.test(code) ? `${name} ${code}` : name };
}

/** Where in our own files an error came from, innermost first, as `src/…:line`. */
export function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .flatMap((line) => {
      const at = /^\s+at .*?(?:file:\/\/)?(\/[^():]+):(\d+):\d+\)?$/.exec(line);
      return at?.[1]?.startsWith(`${HOME}src/`) ? [`${at[1].slice(HOME.length)}:${at[2]}`] : [];
    })
    .slice(0, FRAMES);
}
