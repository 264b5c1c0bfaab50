import fc from 'fast-check';
import { canonicalCodes } from '../../src/terminology/code.ts';
import { ICD_9_CM, ICD_10, ICD_10_CM, ICD_10_CN, SNOMED } from '../../src/terminology/systems.ts';
import { declaringSite, plainSite } from './site-example.ts';

const at = (system: string, code: string, site = declaringSite()) =>
  canonicalCodes({ system, code }, site).map((one) => `${one.system.split('/').at(-1)} ${one.code}`);

describe('Chinese lists', () => {
  test.each([
    ['K760x001', 'K76.0x001'],
    ['K76.0X001', 'K76.0x001'],
    ['k76.0x001', 'K76.0x001'],
    ['K76000', 'K76.000'],
    ['D18013', 'D18.013'],
    ['D18.013', 'D18.013'],
    ['K74.600X003', 'K74.600x003'],
    ['K74600x003', 'K74.600x003'],
    ['K76.0×001', 'K76.0x001'],
    ['Z21.x00x001', 'Z21.x00x001'],
    ['B24X01', 'B24.x01'],
    ['Ｋ７６．０００', 'K76.000'],
    ['  K76.000 ', 'K76.000'],
    ['K76.', 'K76'],
    ['N08.0*', 'N08.0'],
    ['B18.103†', 'B18.103'],
    ['K7460', 'K74.60'],
  ])('%s → %s', (sent, expected) => {
    expect(at(ICD_10_CN, sent)).toEqual([`icd-10-cn ${expected}`]);
  });

  test('dagger and asterisk codes are two codes', () => {
    expect(at(ICD_10_CN, 'B18.103+N08.0*')).toEqual(['icd-10-cn B18.103', 'icd-10-cn N08.0']);
    expect(at(ICD_10_CN, 'B18.103†＋ N08.0＊')).toEqual(['icd-10-cn B18.103', 'icd-10-cn N08.0']);
    expect(at(ICD_10_CN, 'A17.0+')).toEqual(['icd-10-cn A17.0']);
  });

  test.each(['M91200/0', 'K76.0,B18.1', 'K76.0-K76.9', '脂肪肝', 'K760 B181'])(
    '%s is no code and stays as it is',
    (sent) => {
      expect(at(ICD_10_CN, sent)).toEqual([`icd-10-cn ${sent}`]);
    },
  );
});

describe('WHO ICD-10', () => {
  test.each([
    ['K760', ['icd-10 K76.0']],
    ['b24', ['icd-10 B24']],
    ['D18.013', ['icd-10 D18.013', 'icd-10-cn D18.013']],
    ['K760x001', ['icd-10 K76.0x001', 'icd-10-cn K76.0x001']],
    ['B24.x01', ['icd-10 B24.x01', 'icd-10-cn B24.x01']],
    ['D18.03', ['icd-10 D18.0', 'icd-10-cn D18.03']],
  ])('%s at a site that declares its list', (sent, expected) => {
    expect(at(ICD_10, sent)).toEqual(expected);
  });

  test.each([
    ['D18.013', ['icd-10 D18.0']],
    ['K760x001', ['icd-10 K76.0']],
    ['B24.x01', ['icd-10 B24']],
    ['D18.03', ['icd-10 D18.0']],
    ['K76.0', ['icd-10 K76.0']],
  ])('%s where no list is declared: the root only', (sent, expected) => {
    expect(at(ICD_10, sent, plainSite())).toEqual(expected);
    expect(canonicalCodes({ system: ICD_10, code: sent }, null)).toEqual(
      canonicalCodes({ system: ICD_10, code: sent }, plainSite()),
    );
  });
});

describe('other systems', () => {
  test.each([
    ['K7581', 'K75.81'],
    ['t45.1x5a', 'T45.1X5A'],
    ['C7A.00', 'C7A.00'],
    ['D18.03', 'D18.03'],
  ])('ICD-10-CM %s → %s', (sent, expected) => {
    expect(at(ICD_10_CM, sent)).toEqual([`icd-10-cm ${expected}`]);
  });

  test.each([
    ['5022', '50.22'],
    ['50.22', '50.22'],
    ['503', '50.3'],
    ['502200', '50.2200'],
    ['502200x003', '50.2200x003'],
    ['50.2200×003', '50.2200x003'],
    ['50.2200X003', '50.2200x003'],
    ['503x01', '50.3x01'],
    ['50.2908', '50.2908'],
    ['07030', '07030'],
    ['573.8', '573.8'],
  ])('ICD-9-CM %s → %s', (sent, expected) => {
    expect(at(ICD_9_CM, sent)).toEqual([`icd-9-cm ${expected}`]);
  });

  test('SNOMED CT stays, whatever name its system arrives under', () => {
    expect(at(SNOMED, ' 93469006 ')).toEqual(['sct 93469006']);
    expect(at('urn:oid:2.16.840.1.113883.6.96', '93469006')).toEqual(['sct 93469006']);
  });

  test('aliases of the site are followed', () => {
    expect(at('urn:oid:2.16.156.10011.2.3.3.11', 'D18013')).toEqual(['icd-10-cn D18.013']);
    expect(at('urn:oid:2.16.156.10011.2.3.3.11', 'D18013', plainSite())).toEqual([
      'urn:oid:2.16.156.10011.2.3.3.11 D18013',
    ]);
  });

  test('without a system or a code there is nothing', () => {
    expect(canonicalCodes({ code: 'K76.0' }, declaringSite())).toEqual([]);
    expect(canonicalCodes({ system: ICD_10 }, declaringSite())).toEqual([]);
    expect(canonicalCodes({ system: ICD_10, code: ' ' }, declaringSite())).toEqual([]);
  });
});

test('a canonical code is its own canonical code', () => {
  const digits = fc.stringMatching(/^[0-9]{2,3}$/);
  const code = fc
    .tuple(
      fc.constantFrom('K', 'k', 'D'),
      digits,
      fc.constantFrom('', '.'),
      fc.stringMatching(/^[0-9xX]{0,3}(x[0-9]{3})?$/),
    )
    .map((parts) => parts.join(''));
  const system = fc.constantFrom(ICD_10, ICD_10_CN, ICD_10_CM, ICD_9_CM, SNOMED);
  fc.assert(
    fc.property(system, fc.oneof(code, fc.string()), fc.boolean(), (uri, text, declared) => {
      const site = declared ? declaringSite() : plainSite();
      const once = canonicalCodes({ system: uri, code: text }, site);
      const own = once.filter((one) => one.system === uri);
      const twice = own.flatMap((one) => canonicalCodes(one, site)).filter((one) => one.system === uri);
      expect(twice).toEqual(own);
    }),
  );
});
