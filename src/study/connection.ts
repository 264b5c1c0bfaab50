/** How a hospital's FHIR server is asked: the block `connection` of site.yaml. Secrets lie in the key folder. */
export interface SiteConnection {
  /** Base URL for requests: `fhirBase` unless the server is reached under another address. */
  base: string;
  /** Types that are searched when notifications were missed; null for all that a record may hold. */
  types: readonly string[] | null;
  requestsPerSecond: number;
  /** `_count` of a search. */
  pageSize: number;
  timeoutMilliseconds: number;
  /** Longest answer taken in, in bytes after unpacking. */
  maxAnswerBytes: number;
  /** SMART Backend Services with us as the client; null when the server asks for no token. */
  smart: { tokenUrl: string; clientId: string; scope: string } | null;
  /** Header in which the server signs its notifications (lower case); null when it is one of the usual ones. */
  signatureHeader: string | null;
}

export interface ConnectionFault {
  path: (string | number)[];
  message: string;
}

type Read = { ok: true; value: SiteConnection | null } | { ok: false; faults: ConnectionFault[] };

const KNOWN = [
  'base',
  'types',
  'requestsPerSecond',
  'pageSize',
  'timeoutSeconds',
  'maxAnswerMiB',
  'smart',
  'signatureHeader',
];
const MIB = 1024 * 1024;
const HEADER = /^[A-Za-z0-9-]{1,64}$/;

/**
 * Reads the block; every mistake of it at once.
 * @param given any shape; undefined when the site has none
 */
export function connectionOf(given: unknown, fhirBase: string): Read {
  if (given === undefined || given === null) return { ok: true, value: null };
  const faults: ConnectionFault[] = [];
  const fault = (path: (string | number)[], message: string) => void faults.push({ path, message });
  if (!isBlock(given)) {
    fault(['connection'], 'give a block of settings, or leave connection out');
    return { ok: false, faults };
  }
  for (const key of Object.keys(given)) {
    if (!KNOWN.includes(key)) fault(['connection', key], `there is no such setting: known are ${KNOWN.join(', ')}`);
  }

  function number(key: string, usual: number, most: number): number {
    const value = (given as Record<string, unknown>)[key] ?? usual;
    if (typeof value === 'number' && value > 0 && value <= most) return value;
    fault(['connection', key], `give a number above 0, at most ${most}`);
    return usual;
  }
  function address(path: string[], value: unknown): string {
    if (typeof value === 'string' && isSafeAddress(value)) return value.replace(/\/+$/, '');
    fault(path, 'give an https address without user, query or fragment (http only on this machine)');
    return '';
  }

  const types = given.types ?? null;
  if (types !== null && !(Array.isArray(types) && types.length > 0 && types.every(isType))) {
    fault(['connection', 'types'], 'list R4 resource types, such as [Patient, Condition], or leave types out');
  }
  const header = given.signatureHeader ?? null;
  if (header !== null && !(typeof header === 'string' && HEADER.test(header))) {
    fault(['connection', 'signatureHeader'], 'give the name of one HTTP header');
  }
  const smart = given.smart ?? null;
  const { tokenUrl, clientId, scope = 'system/*.rs' } = isBlock(smart) ? smart : {};
  if (smart !== null && (!isText(clientId) || !isText(scope))) {
    fault(['connection', 'smart'], 'give tokenUrl and clientId (and scope where it is not system/*.rs)');
  }
  const value: SiteConnection = {
    base: address(['connection', 'base'], given.base ?? fhirBase),
    types: types as string[] | null,
    requestsPerSecond: number('requestsPerSecond', 5, 1000),
    pageSize: Math.ceil(number('pageSize', 100, 1000)),
    timeoutMilliseconds: number('timeoutSeconds', 30, 600) * 1000,
    maxAnswerBytes: number('maxAnswerMiB', 32, 256) * MIB,
    smart:
      smart === null
        ? null
        : {
            tokenUrl: address(['connection', 'smart', 'tokenUrl'], tokenUrl),
            clientId: String(clientId),
            scope: String(scope),
          },
    signatureHeader: typeof header === 'string' ? header.toLowerCase() : null,
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value };
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isType(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z][A-Za-z]{1,63}$/.test(value);
}

/** Whether tokens and people's data may go there: https without user, query or fragment; http only on this machine. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname))
  );
}
