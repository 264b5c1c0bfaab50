import Table from 'cli-table3';
import { defaultOf, envOf, flagOf, type Present, type SettingTable } from './setting.ts';

/** The settings as they stand, for a terminal: name, environment variable, default, present value, meaning. */
export function settingsTable(present: readonly Present[]): string {
  const table = new Table({
    head: ['setting', 'environment', 'default', 'now', 'meaning'],
    style: { head: [], border: [], compact: true },
    colWidths: [null, null, null, null, 60],
    wordWrap: true,
  });
  for (const { name, env, unit, default: given, value, origin, words } of present) {
    const now = value === null ? '(wrong)' : origin === 'default' ? value : `${value} (${origin})`;
    table.push([name, env, unit === null ? given : `${given} ${unit}`, now, words]);
  }
  return `${table.toString()}\n`;
}

/** `docs/settings.md`. */
export function settingsDocument(table: SettingTable): string {
  const rows = Object.entries(table).map(([name, setting]) => {
    const cells = [
      `\`${name}\``,
      `\`${envOf(name)}\``,
      flagOf(name, setting) === null ? '' : `\`${flagOf(name, setting)}\``,
      `\`${defaultOf(setting)}\``,
      setting.unit ?? '',
    ];
    return `| ${[...cells, setting.words].join(' | ')} |`;
  });
  return [
    '# Settings of the service',
    '',
    'Made by `study-gateway config --format markdown` from the one table in `src/config.ts`; a test compares them.',
    '',
    'The command line goes before the environment. A wrong value, or a variable with the prefix `STUDY_GATEWAY_` that is not in this table, stops the start with exit code 2; all faults are told at once. `study-gateway config` prints what holds now. No setting is a secret: keys are files.',
    '',
    '| setting | environment | flag | default | unit | meaning |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
