import type { StudyFault } from '../study/fault.ts';

/** One line a fault: `file:line path: message`. */
export function faultLines(faults: readonly StudyFault[]): string {
  return faults
    .map(
      ({ file, line, path, message }) =>
        `${file}${line === null ? '' : `:${line}`}${path ? ` ${path}` : ''}: ${message}`,
    )
    .join('\n');
}
