import { type DestinationStream, pino } from 'pino';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * All that a line of the log may hold beside its event. Codes, pseudonyms, numbers and our own names of things: no
 * text of a request, no path, no query, no message of an error.
 */
export interface LogFields {
  /** Id of the request or of the fault. */
  id?: string | undefined;
  /** Template of the route, never the path. */
  route?: string | undefined;
  method?: string | undefined;
  status?: number | undefined;
  ms?: number | undefined;
  /** Id of the authenticated client. */
  client?: string | undefined;
  site?: string | undefined;
  /** Our stable codes. */
  codes?: readonly string[] | undefined;
  /** A part of the service, a kind of work. */
  part?: string | undefined;
  /** Name and code of an error. */
  error?: string | undefined;
  count?: number | undefined;
  /** `src/…:line` of a fault, innermost first. */
  frames?: readonly string[] | undefined;
}

export interface Log {
  error(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
}

/** The form of every text: what has another form is not written, whoever passed it. */
const FORMS: Readonly<Record<Exclude<keyof LogFields, 'status' | 'ms' | 'count'>, RegExp>> = {
  id: /^[0-9A-Za-z-]{1,64}$/,
  route: /^[\w/:.*{}$-]{1,200}$/,
  method: /^[A-Z-]{1,20}$/,
  client: /^[\w.-]{1,64}$/,
  site: /^[\w.-]{1,64}$/,
  codes: /^[a-z][a-z0-9-]{0,63}$/,
  part: /^[a-z][a-z0-9-]{0,63}$/,
  error: /^[A-Za-z]{1,60}(?: [A-Z0-9_]{1,60})?$/,
  frames: /^src\/[\w/.-]{1,200}:\d{1,6}$/,
};

/**
 * Structured log: one line of JSON for each event, made by pino. It names no machine and no process.
 * @param event a stable code such as `request`
 * @param clock milliseconds since 1970
 */
export function createLog(level: LogLevel, to: DestinationStream, clock: () => number): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  );
  const at =
    (name: LogLevel) =>
    (event: string, fields: LogFields = {}) =>
      logger[name](written(fields), event);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

function written(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of ['status', 'ms', 'count'] as const) {
    if (Number.isFinite(fields[name])) kept[name] = fields[name];
  }
  for (const [name, form] of Object.entries(FORMS)) {
    const value = fields[name as keyof typeof FORMS];
    if (typeof value === 'string') kept[name] = form.test(value) ? value : '?';
    else if (value !== undefined) kept[name] = value.map((one) => (form.test(one) ? one : '?'));
  }
  return kept;
}
