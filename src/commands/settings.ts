import { settingsDocument, settingsTable } from '../config/tell.ts';
import { readSettings, SETTINGS, type Settings } from '../config.ts';
import { CannotStart, EXIT } from './exit.ts';

export interface ConfigOptions {
  format: 'table' | 'markdown';
}

/** The settings of the service; faults end the command, all of them at once. */
export function settingsOrEnd(flags: Readonly<Record<string, unknown>>): Settings {
  const read = readSettings(flags);
  if (!read.ok) throw new CannotStart(wrong(read.faults));
  return read.values;
}

/** Prints the settings as they stand; with `markdown` the page of the documentation. */
export function configCommand(options: ConfigOptions & Readonly<Record<string, unknown>>): number {
  if (options.format === 'markdown') {
    process.stdout.write(settingsDocument(SETTINGS));
    return EXIT.done;
  }
  const read = readSettings(options);
  process.stdout.write(settingsTable(read.present));
  if (!read.ok) throw new CannotStart(wrong(read.faults));
  return EXIT.done;
}

const wrong = (faults: readonly string[]) => `The settings have mistakes:\n${faults.join('\n')}`;
