/** The five hospitals as the feed needs them. Kept here, apart from the deployment's dictionaries, as an own source. */
export type SiteId = 'nf' | 'ya' | 'bf' | 'zn' | 'gz';

export interface FeedSite {
  id: SiteId;
  fhirBase: string;
  mrnSystem: string;
  diagnosisSystem: string;
  procedureSystem: string;
  laboratorySystem: string;
  pathologySystem: string;
}

function site(id: SiteId): FeedSite {
  const root = `https://${id}.example.cn`;
  return {
    id,
    fhirBase: `${root}/fhir`,
    mrnSystem: `${root}/sid/mrn`,
    diagnosisSystem: `${root}/cs/dx`,
    procedureSystem: `${root}/cs/op`,
    laboratorySystem: `${root}/cs/lab`,
    pathologySystem: `${root}/cs/path`,
  };
}

export const SITE_IDS: readonly SiteId[] = ['nf', 'ya', 'bf', 'zn', 'gz'];

export const SITES: Readonly<Record<SiteId, FeedSite>> = {
  nf: site('nf'),
  ya: site('ya'),
  bf: site('bf'),
  zn: site('zn'),
  gz: site('gz'),
};

export const RESIDENT_ID_SYSTEM = 'https://example.cn/sid/resident-id';
