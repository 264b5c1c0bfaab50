import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { compileSiteTerminology, type SiteTerminology } from '../terminology/site.ts';
import { connectionOf, type SiteConnection } from './connection.ts';
import type { StudyFault } from './fault.ts';
import type { Checked } from './model.ts';
import { located, parseSource, type SourceFile } from './source.ts';
import { readSubscriptionHosts } from './subscription-hosts.ts';

/** A hospital that takes part: what its dictionary (`sites/<id>/site.yaml`) hands over. */
export interface Site {
  id: string;
  name: string;
  nameEn: string;
  timezone: string;
  /** Base URL of the hospital's FHIR server: `meta.source` under it says where a resource comes from. */
  fhirBase: string;
  status: string;
  /** Identifier systems in the order in which they are trusted to name one person. */
  identifierSystems: readonly string[];
  diagnosisListComplete: boolean;
  guardianRelationships: { system: string; codes: readonly string[] };
  /** Days after the anchor or the last contact for which people who never consent are kept. */
  purgeAfterDays: number;
  /** Within how many hours of awareness a serious event is reported, and within how many days it is followed up. */
  adverseEvents: { initialReportHours: number; followUpDays: number };
  /** mL of blood for each kg of a minor's body weight; null where the ethics committee has set none. */
  minorBloodCap: { mLPerKg: number } | null;
  /** How its server is asked for what a notification only hints at; null when it is not. */
  connection: SiteConnection | null;
  /** Hosts to which notices of changes may be sent, as in `URL.host`; none unless named. */
  subscriptionHosts: readonly string[];
  terminology: SiteTerminology;
}

/** Where a site names no time of its own (study protocol reading, "ResearchSubject status"). */
const PURGE_AFTER_DAYS = 180;
/** Study protocol reading, "Adverse events". */
const REPORTS = { initialReportHours: 24, followUpDays: 15 };

/** Reads every `<root>/<id>/site.yaml` with the ConceptMaps it lists. */
export async function loadSites(root: string): Promise<Checked<ReadonlyMap<string, Site>>> {
  const sites = new Map<string, Site>();
  const faults: StudyFault[] = [];
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const folder of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = join(root, folder.name, 'site.yaml');
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) continue;
    const site = await loadSite(root, file, text, faults);
    if (site && site.id !== folder.name) {
      faults.push({
        file: relative(root, file),
        line: 1,
        path: 'id',
        message: `the id must be the folder's name, ${folder.name}`,
      });
    }
    if (site) sites.set(site.id, site);
  }
  if (sites.size === 0 && faults.length === 0) {
    faults.push({ file: root, line: null, path: '', message: 'no site.yaml was found below this folder' });
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: sites };
}

async function loadSite(root: string, file: string, text: string, faults: StudyFault[]): Promise<Site | null> {
  const name = relative(root, file);
  const parsed = parseSource(name, text);
  faults.push(...parsed.faults);
  const data = (parsed.file.value ?? {}) as Record<string, unknown>;
  const maps: SourceFile[] = [];
  for (const [index, path] of (Array.isArray(data.conceptMaps) ? data.conceptMaps : []).entries()) {
    const at = join(file, '..', String(path));
    const content = await readFile(at, 'utf8').catch(() => null);
    if (content === null) {
      faults.push({
        file: name,
        line: parsed.file.lineOf(['conceptMaps', index]),
        path: `conceptMaps[${index}]`,
        message: `there is no file ${String(path)}`,
      });
      continue;
    }
    const map = parseSource(relative(root, at), content);
    faults.push(...map.faults);
    maps.push(map.file);
  }
  const sources = [parsed.file, ...maps];
  const terminology = compileSiteTerminology(
    { source: name, content: data },
    maps.map((map) => ({ source: map.file, content: map.value })),
  );
  if (!terminology.ok) {
    faults.push(...terminology.faults.map((fault) => located(fault, sources)));
    return null;
  }
  for (const key of ['id', 'fhirBase', 'timezone', 'status']) {
    if (typeof data[key] !== 'string') faults.push({ file: name, line: 1, path: key, message: `${key} is missing` });
  }
  if (typeof data.timezone === 'string' && !isZone(data.timezone)) {
    faults.push({
      file: name,
      line: parsed.file.lineOf(['timezone']),
      path: 'timezone',
      message: 'this is no time zone: give an IANA name such as Asia/Shanghai',
    });
  }
  const purgeAfterDays = data.purgeAfterDays ?? PURGE_AFTER_DAYS;
  if (!Number.isSafeInteger(purgeAfterDays) || Number(purgeAfterDays) < 1) {
    faults.push({
      file: name,
      line: parsed.file.lineOf(['purgeAfterDays']),
      path: 'purgeAfterDays',
      message: 'give the days after which people who never consent are purged: a whole number from 1 on',
    });
  }
  const reports = { ...REPORTS, ...(data.adverseEvents as Partial<typeof REPORTS> | undefined) };
  const cap = (data.minorBloodCap ?? null) as { mLPerKg?: unknown } | null;
  const amounts = {
    'adverseEvents.initialReportHours': reports.initialReportHours,
    'adverseEvents.followUpDays': reports.followUpDays,
    ...(cap ? { 'minorBloodCap.mLPerKg': cap.mLPerKg } : {}),
  };
  for (const [path, amount] of Object.entries(amounts)) {
    if (typeof amount === 'number' && amount > 0) continue;
    faults.push({
      file: name,
      line: parsed.file.lineOf(path.split('.')),
      path,
      message: `${path} must be a number above zero`,
    });
  }
  const connection = connectionOf(data.connection, String(data.fhirBase));
  if (!connection.ok) {
    for (const { path, message } of connection.faults) {
      faults.push({ file: name, line: parsed.file.lineOf(path), path: path.join('.'), message });
    }
  }
  const subscriptionHosts = readSubscriptionHosts(data.subscriptionHosts);
  if (subscriptionHosts === null) {
    faults.push({
      file: name,
      line: parsed.file.lineOf(['subscriptionHosts']),
      path: 'subscriptionHosts',
      message: 'give a list of host names in lower case, each with a port where it needs one',
    });
  }
  const guardian = data.guardianRelationships as { system?: string; codes?: string[] } | undefined;
  return {
    id: String(data.id),
    name: String(data.name ?? data.id),
    nameEn: String(data.nameEn ?? data.id),
    timezone: String(data.timezone),
    fhirBase: String(data.fhirBase),
    status: String(data.status),
    identifierSystems: Object.values((data.identifierSystems ?? {}) as Record<string, string>),
    diagnosisListComplete: data.diagnosisListComplete === true,
    guardianRelationships: { system: guardian?.system ?? '', codes: guardian?.codes ?? [] },
    purgeAfterDays: Number(purgeAfterDays),
    adverseEvents: { initialReportHours: reports.initialReportHours, followUpDays: reports.followUpDays },
    minorBloodCap: cap ? { mLPerKg: Number(cap.mLPerKg) } : null,
    connection: connection.ok ? connection.value : null,
    subscriptionHosts: subscriptionHosts ?? [],
    terminology: terminology.value,
  };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
