import type { Kind } from './kinds.ts';

/** One row of the table of settings. */
export interface Setting<T> {
  kind: Kind<T>;
  default: T;
  /** How the default is shown where the value itself says little (a path of this machine, something derived). */
  defaultWords?: string;
  unit?: string;
  /** What it does, in one sentence or two. */
  words: string;
  /** Its value is never shown. */
  secret?: boolean;
  /** The command line does not take it. */
  environmentOnly?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of different values stand in one table.
export type SettingTable = Readonly<Record<string, Setting<any>>>;

/** The values of a table by name. */
export type ValuesOf<Table extends SettingTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never;
};

/** Where a value came from. */
export type Origin = 'default' | 'environment' | 'command line';

/** One row as it stands now. */
export interface Present {
  name: string;
  env: string;
  /** Null where only the environment is asked. */
  flag: string | null;
  unit: string | null;
  default: string;
  /** Null when the value that was given is wrong. */
  value: string | null;
  origin: Origin;
  words: string;
}

/** Every fault at once, one sentence each; none repeats the value that was given. */
export type ReadSettings<Table extends SettingTable> = { present: readonly Present[] } & (
  | { ok: true; values: ValuesOf<Table> }
  | { ok: false; faults: readonly string[] }
);

const PREFIX = 'STUDY_GATEWAY_';

/** `maxBodyBytes` → `STUDY_GATEWAY_MAX_BODY_BYTES` */
export const envOf = (name: string): string => PREFIX + name.replaceAll(/[A-Z]/g, '_$&').toUpperCase();

/** `maxBodyBytes` → `--max-body-bytes`; null where only the environment is asked. */
export function flagOf(name: string, { environmentOnly }: Setting<unknown>): string | null {
  return environmentOnly ? null : `--${name.replaceAll(/[A-Z]/g, '-$&').toLowerCase()}`;
}

/** The default of a row in words. */
export function defaultOf({ kind, default: value, defaultWords }: Setting<unknown>): string {
  return defaultWords ?? (value === null ? '' : kind.show(value));
}

/**
 * Reads a table: the command line goes before the environment, the environment before the default. A variable with
 * our prefix that no row knows is a fault: a mistyped limit must not silently be no limit.
 * @param flags by the name of the setting
 */
export function readTable<Table extends SettingTable>(
  table: Table,
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): ReadSettings<Table> {
  const values: Record<string, unknown> = {};
  const present: Present[] = [];
  const faults: string[] = [];
  for (const [name, setting] of Object.entries(table)) {
    const [variable, flag] = [envOf(name), flagOf(name, setting)];
    const origin: Origin =
      flag !== null && flags[name] !== undefined
        ? 'command line'
        : env[variable] !== undefined
          ? 'environment'
          : 'default';
    const given = origin === 'command line' ? String(flags[name]) : env[variable];
    const reading = origin === 'default' ? { ok: true as const, value: setting.default } : setting.kind.read(given!);
    const row = { name, env: variable, flag, unit: setting.unit ?? null, default: defaultOf(setting), origin };
    if (reading.ok) values[name] = reading.value;
    else faults.push(`${origin === 'environment' ? variable : flag}: ${reading.why}.`);
    present.push({ ...row, value: reading.ok ? shown(setting, reading.value) : null, words: setting.words });
  }
  const known = new Set(Object.keys(table).map(envOf));
  for (const variable of Object.keys(env).sort())
    if (variable.startsWith(PREFIX) && !known.has(variable))
      faults.push(`${variable}: there is no such setting; "study-gateway config" lists them.`);
  return faults.length > 0 ? { ok: false, faults, present } : { ok: true, values: values as ValuesOf<Table>, present };
}

function shown(setting: Setting<unknown>, value: unknown): string {
  if (setting.secret) return '(hidden)';
  return value === setting.default ? defaultOf(setting) : setting.kind.show(value);
}
