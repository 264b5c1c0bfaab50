import { contentHash } from '../fhir/canonical.ts';
import type { Place, Refused } from '../fhir/refusal.ts';
import { keyedHash } from '../identity/keyed-hash.ts';
import { open, seal } from '../identity/vault.ts';
import type { SetAside } from '../intake/arrival.ts';
import type { Content } from '../intake/content.ts';
import type { NewQuarantineRow, QuarantineRow } from '../store/quarantine-rows.ts';
import type { Site } from '../study/site.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { isRoughlyWithin, siteIn, whatItIs } from './quarantine-content.ts';
import { personsIn } from './quarantine-persons.ts';

/** Longest content that is kept, in bytes of JSON: no resource that the study needs comes near it. */
const MOST_BYTES = 1024 * 1024;
/**
 * Days for which content is kept since it last arrived: a quarter of a year, in which a mistake is noticed and mended,
 * and half of the time after which people who never consented are purged. Where a hospital purges sooner, its time.
 */
const KEPT_DAYS = 90;
const DAY = 86_400_000;
/** Of a place there is nothing to hide. */
const NO_KEY = Buffer.alloc(32);

/**
 * The row of the store for something refused: `putQuarantined` writes it, in the transaction of the unit it came with.
 * To be made before that transaction begins. The content is sealed with the key of the hospital that gave it.
 * @param named the hospital that gave it, where that is known otherwise than by the content
 */
export async function quarantineRow(
  gateway: Gateway,
  named: Site | null,
  refused: SetAside,
): Promise<NewQuarantineRow> {
  const { place, reason, expression, message } = refused;
  const content = refused.content?.();
  const site = named ?? (content ? siteIn(content, gateway.sites) : null);
  const at = new Date(gateway.clock()).toISOString();
  const row = { site: site?.id ?? null, at, ...place, reason, expression, message };
  const without = { content: null, persons: [] };
  const id = idOfPlace(row.site, place, refused);
  if (!content) return { ...row, ...without, id, withheld: 'not-readable' };
  if (!site) return { ...row, ...without, id, withheld: 'site-unknown' };
  const text = isRoughlyWithin(content, MOST_BYTES) ? JSON.stringify(content) : null;
  if (text === null || Buffer.byteLength(text) > MOST_BYTES) return { ...row, ...without, id, withheld: 'too-large' };
  const keys = await keysOf(gateway, site.id);
  const hash = contentHash(whatItIs(content));
  const own = keyedHash(keys.identifierHash, 'quarantine', site.id, content.form, hash);
  const sealed = seal(keys.vault, text, contextOf(site.id, own));
  return { ...row, id: own, content: sealed, withheld: null, persons: personsIn(content, site, keys) };
}

/** The content of a row, opened; null where none is kept. To be audited when it is shown to somebody. */
export async function contentOfRow(
  gateway: Gateway,
  { id, site, content }: Pick<QuarantineRow, 'id' | 'site' | 'content'>,
): Promise<Content | null> {
  if (site === null || content === null) return null;
  const { vault } = await keysOf(gateway, site);
  return JSON.parse(open(vault, content, contextOf(site, id))) as Content;
}

/** Where the content of a row stands, as the vault binds it. */
function contextOf(site: string, id: string): string {
  return `${site}|quarantine|${id}`;
}

/** The refusal alone, as views, logs and answers may have it. */
export function withoutContent({ content: _, ...refused }: SetAside): Refused {
  return refused;
}

/** Forgets all content whose time is over. */
export async function ageQuarantine(gateway: Gateway): Promise<void> {
  const now = gateway.clock();
  const before = (days: number) => new Date(now - days * DAY).toISOString();
  await gateway.store.withTransaction(async ({ hospital }) => {
    await hospital.ageQuarantine(null, before(KEPT_DAYS));
    for (const { id, purgeAfterDays } of gateway.sites.values()) {
      if (purgeAfterDays < KEPT_DAYS) await hospital.ageQuarantine(id, before(purgeAfterDays));
    }
  });
}

function idOfPlace(site: string | null, { file, line, entry }: Place, { reason, expression }: Refused): string {
  const parts = [site ?? '', file, String(line), String(entry), reason, expression ?? ''];
  return keyedHash(NO_KEY, 'quarantine-place', ...parts);
}
