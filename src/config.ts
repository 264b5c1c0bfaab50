import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyText, baseUrl, host, hosts, type Kind, networks, oneOf, whole } from './config/kinds.ts';
import { type ReadSettings, readTable, type Setting, type ValuesOf } from './config/setting.ts';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const MIB = 1024 * 1024;

/** Keeps the type of the value, and of null where nothing given has a meaning of its own. */
const row = <T>(setting: Setting<T>): Setting<T> => setting;
const maybe = (kind: Kind<string>): Kind<string | null> => kind as Kind<string | null>;
const none: readonly string[] = [];

/** Every setting of the service, in the order in which they are told. */
export const SETTINGS = {
  host: row({
    kind: host,
    default: '127.0.0.1',
    words: 'Address to listen on. Anything but loopback belongs behind a proxy that speaks TLS.',
  }),
  port: row({ kind: whole(0, 65_535), default: 8080, words: 'Port to listen on; 0 takes any free one.' }),
  publicUrl: row({
    kind: maybe(baseUrl),
    default: null,
    defaultWords: 'from host and port',
    words:
      'URL under which clients reach the service; tokens must be made out to it (aud), and Location begins with it.',
  }),
  store: row({
    kind: anyText,
    default: join('study-gateway-out', 'study-gateway.sqlite'),
    words: 'File of the store, made at first use.',
  }),
  keys: row({
    kind: maybe(anyText),
    default: null,
    defaultWords: '<store>.keys',
    words: 'Folder of keys, made at first use.',
  }),
  study: row({
    kind: anyText,
    default: 'nct07265544',
    words: 'The study: a folder, or an id under studies/.',
  }),
  agreements: row({
    kind: anyText,
    default: join(HOME, 'agreements'),
    defaultWords: 'agreements/',
    words: 'Folder of agreements with registries: what each may have; whoever has none sees nothing.',
  }),
  sites: row({
    kind: anyText,
    default: join(HOME, 'sites'),
    defaultWords: 'sites/',
    words: 'Folder of site dictionaries.',
  }),
  targets: row({
    kind: anyText,
    default: join(HOME, 'targets'),
    defaultWords: 'targets/',
    words: 'Folder of delivery targets: FHIR servers that get what concerns them.',
  }),
  maxBodyBytes: row({
    kind: whole(1024, 256 * MIB),
    default: 16 * MIB,
    unit: 'bytes',
    words: 'Largest body of a request, and longest line of a stream; larger ones are answered 413.',
  }),
  maxEntries: row({
    kind: whole(1, 100_000),
    default: 5_000,
    unit: 'entries',
    words: 'Most entries of one Bundle; more are answered 413.',
  }),
  maxDepth: row({
    kind: whole(8, 512),
    default: 64,
    unit: 'levels',
    words: 'Deepest nesting of JSON; deeper is answered 400.',
  }),
  readingThreads: row({
    kind: whole(0, 1),
    default: 1,
    unit: 'threads',
    words:
      'Threads that read large Bundles, begun at the first of them (150 to 200 MiB); 0 where there is one processor only.',
  }),
  ratePerClient: row({
    kind: whole(1, 10_000_000),
    default: 30_000,
    unit: 'requests a minute',
    words: 'Requests of one client; more are answered 429.',
  }),
  ratePerAddress: row({
    kind: whole(1, 10_000_000),
    default: 120,
    unit: 'requests a minute',
    words: 'Requests of one network address that come without a valid token; more are answered 429.',
  }),
  headersSeconds: row({
    kind: whole(1, 300),
    default: 10,
    unit: 'seconds',
    words: 'Time for the header of a request to arrive; then 408.',
  }),
  uploadSeconds: row({
    kind: whole(1, 3_600),
    default: 60,
    unit: 'seconds',
    words: 'Time for a body to arrive; then 408. Streams of NDJSON have streamSeconds instead.',
  }),
  streamSeconds: row({
    kind: whole(1, 86_400),
    default: 3_600,
    unit: 'seconds',
    words: 'Time for a stream of NDJSON, the longest of all requests, to arrive.',
  }),
  shutdownSeconds: row({
    kind: whole(0, 600),
    default: 20,
    unit: 'seconds',
    words: 'Time that requests in progress have to finish when the service is stopped.',
  }),
  tokenSeconds: row({
    kind: whole(1, 300),
    default: 300,
    unit: 'seconds',
    words: 'Life of an access token.',
  }),
  jwksHosts: row({
    kind: hosts,
    default: none,
    defaultWords: 'none',
    words: 'Hosts from which public keys of clients may be fetched, with commas.',
  }),
  trustProxy: row({
    kind: networks,
    default: none,
    defaultWords: 'none',
    words: 'Proxies whose X-Forwarded-For is believed: addresses and networks, with commas.',
  }),
  logLevel: row({
    kind: oneOf('error', 'warn', 'info', 'debug'),
    default: 'info' as const,
    words: 'What is logged; debug adds where in the program a fault came from.',
  }),
  debug: row({
    kind: oneOf('0', '1'),
    default: '0' as const,
    environmentOnly: true,
    words: 'With 1 a command that ends in a fault prints its cause, which may hold data of people.',
  }),
} as const;

/** The values of all settings. */
export type Settings = ValuesOf<typeof SETTINGS>;

/**
 * Reads every setting; the only reader of the environment.
 * @param flags what the command line says, by the name of the setting
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): ReadSettings<typeof SETTINGS> {
  const read = readTable(SETTINGS, flags, env);
  if (!read.ok) return read;
  const { headersSeconds, uploadSeconds, streamSeconds } = read.values;
  const rising = headersSeconds <= uploadSeconds && uploadSeconds <= streamSeconds;
  if (rising) return read;
  const faults = ['--headers-seconds must not be above --upload-seconds, nor that above --stream-seconds.'];
  return { ok: false, faults, present: read.present };
}

/** Whether a fault may print its cause (STUDY_GATEWAY_DEBUG=1). */
export function wantsDebug(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env.STUDY_GATEWAY_DEBUG === '1';
}
