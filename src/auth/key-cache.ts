import type { JSONWebKeySet } from 'jose';
import { fetchKeys } from './key-fetch.ts';
import { checkKeyUrl } from './key-url.ts';
import { type AuthRefusal, isAuthRefusal } from './refusal.ts';
import type { AuthSettings } from './settings.ts';

/** One URL is not asked more often than this, whatever clients send and however it fails. */
export const COOLDOWN_SECONDS = 30;
const DEFAULT_SECONDS = 300;
const LONGEST_SECONDS = 3_600;

/** Key sets by URL. */
export interface KeyCache {
  /** The key set under a URL; it is fetched again when it is old, or knows no key of this kid and may be asked again. */
  keysAt(url: string, kid: string): Promise<JSONWebKeySet | AuthRefusal>;
}

interface Entry {
  outcome: JSONWebKeySet | AuthRefusal;
  /** When it was last asked for, and until when the outcome counts, in milliseconds. */
  askedAt: number;
  until: number;
}

/**
 * Keeps key sets as long as `Cache-Control: max-age` says, within 30 seconds and one hour (five minutes where it says
 * nothing). A failure is kept for 30 seconds.
 * @param clock milliseconds since 1970
 */
export function createKeyCache(settings: AuthSettings, clock: () => number): KeyCache {
  const entries = new Map<string, Entry>();
  const underway = new Map<string, Promise<Entry>>();

  /** @param before what still counts, when it is asked again for a new key */
  async function ask(url: string, before: Entry | null): Promise<Entry> {
    const askedAt = clock();
    const found = await fetchKeys(url);
    const seconds = isAuthRefusal(found) ? COOLDOWN_SECONDS : keptFor(found.maxAge);
    // A failure while looking for a new key takes nothing away from a set that still counts.
    const entry =
      isAuthRefusal(found) && before
        ? { ...before, askedAt }
        : { outcome: isAuthRefusal(found) ? found : found.set, askedAt, until: askedAt + seconds * 1_000 };
    entries.set(url, entry);
    return entry;
  }

  function refresh(url: string, before: Entry | null): Promise<Entry> {
    const running = underway.get(url) ?? ask(url, before).finally(() => underway.delete(url));
    underway.set(url, running);
    return running;
  }

  return {
    async keysAt(url, kid) {
      const refusal = checkKeyUrl(url, settings);
      if (refusal) return refusal;
      const entry = entries.get(url) ?? null;
      if (!entry || clock() >= entry.until) return (await refresh(url, null)).outcome;
      const knows = isAuthRefusal(entry.outcome) || entry.outcome.keys.some((key) => key.kid === kid);
      if (knows || clock() < entry.askedAt + COOLDOWN_SECONDS * 1_000) return entry.outcome;
      return (await refresh(url, entry)).outcome;
    },
  };
}

function keptFor(maxAge: number | null): number {
  return Math.min(Math.max(maxAge ?? DEFAULT_SECONDS, COOLDOWN_SECONDS), LONGEST_SECONDS);
}
