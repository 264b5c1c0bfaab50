import { isSafeAddress } from '../study/connection.ts';
import { pathText } from '../study/path.ts';
import { DELIVERED_TYPES, type Target, type TargetAuth } from './target.ts';

export interface TargetFault {
  path: string;
  message: string;
}

const KNOWN = [
  'id',
  'base',
  'side',
  'sites',
  'types',
  'withdrawal',
  'study',
  'auth',
  'entries',
  'parallel',
  'timeoutSeconds',
];
const AUTHS = ['none', 'bearer', 'client-secret', 'smart'];
/** Medplum takes no more conditional entries in one transaction. */
const ENTRIES = 8;
const PARALLEL = 4;
const TIMEOUT_SECONDS = 30;

/**
 * Reads one target; every mistake of it at once. What is not said is not sent: a study-side target without `types` gets
 * all of them, a hospital-side one ResearchSubjects.
 * @param given any shape
 * @param known ids of the sites
 */
export function targetOf(given: unknown, known: ReadonlySet<string>): { target: Target; faults: TargetFault[] } {
  const faults: TargetFault[] = [];
  const fault = (path: (string | number)[], message: string) => void faults.push({ path: pathText(path), message });
  const data: Record<string, unknown> = isBlock(given) ? given : {};
  if (!isBlock(given)) fault([], 'give a block of settings');
  for (const key of Object.keys(data)) {
    if (!KNOWN.includes(key)) fault([key], `there is no such setting: known are ${KNOWN.join(', ')}`);
  }

  function oneOf<T extends string>(path: string[], value: unknown, words: readonly T[]): T {
    const found = words.find((word) => word === value);
    if (found === undefined) fault(path, `give one of ${words.join(', ')}`);
    return found ?? words[0]!;
  }
  function whole(key: string, usual: number, most: number): number {
    const value = data[key] ?? usual;
    if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value);
    fault([key], `give a whole number from 1 to ${most}`);
    return usual;
  }
  function list(key: string, words: ReadonlySet<string>, usual: readonly string[] | null): readonly string[] | null {
    const value = data[key];
    if (value === undefined || value === null) return usual;
    if (Array.isArray(value) && value.length > 0 && value.every((one) => words.has(one))) return value;
    fault([key], `list some of ${[...words].join(', ')}`);
    return usual;
  }
  function address(path: string[], value: unknown): string {
    if (typeof value === 'string' && isSafeAddress(value)) return value.replace(/\/+$/, '');
    fault(path, 'give an https address without user, query or fragment (http only on this machine)');
    return '';
  }

  const side = oneOf(['side'], data.side, ['study', 'hospital']);
  const id = String(data.id ?? '');
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(id)) fault(['id'], 'give lower case letters, digits and hyphens, at most 40');
  const study = data.study ?? null;
  if (study !== null && !(typeof study === 'string' && /^ResearchStudy\/[A-Za-z0-9.-]{1,64}$/.test(study)))
    fault(['study'], 'give ResearchStudy/<id at the target>, or leave study out');
  const sites = list('sites', known, null);
  if (side === 'hospital' && sites === null && faults.every(({ path }) => path !== 'sites'))
    fault(['sites'], 'a hospital-side target says whose subjects it takes: list sites');
  const target: Target = {
    id,
    base: address(['base'], data.base),
    side,
    sites,
    types: list('types', new Set(DELIVERED_TYPES), side === 'study' ? DELIVERED_TYPES : ['ResearchSubject'])!,
    withdrawal: oneOf(['withdrawal'], data.withdrawal, ['delete', 'mark']),
    study: study === null ? null : String(study),
    auth: authOf(data.auth),
    entries: whole('entries', ENTRIES, 500),
    parallel: whole('parallel', PARALLEL, 32),
    timeoutMilliseconds: whole('timeoutSeconds', TIMEOUT_SECONDS, 600) * 1000,
  };
  return { target, faults };

  function authOf(value: unknown): TargetAuth {
    const { kind, tokenUrl, clientId, scope = 'system/*.cruds', ...more } = isBlock(value) ? value : {};
    for (const key of Object.keys(more))
      fault(['auth', key], 'there is no such setting; secrets lie in the key folder');
    const known = AUTHS.find((one) => one === kind) as TargetAuth['kind'] | undefined;
    if (known === undefined) {
      fault(['auth', 'kind'], `give one of ${AUTHS.join(', ')}`);
      return { kind: 'none' };
    }
    if (known === 'none' || known === 'bearer') return { kind: known };
    for (const [key, text] of Object.entries({ clientId, scope })) {
      if (typeof text !== 'string' || text === '') fault(['auth', key], `give ${key}`);
    }
    const url = address(['auth', 'tokenUrl'], tokenUrl);
    return { kind: known, tokenUrl: url, clientId: String(clientId), scope: String(scope) };
  }
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
