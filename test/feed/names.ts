import type { r4 } from '../../src/fhir/resource.ts';
import type { Random } from './random.ts';

type Syllable = readonly [hanzi: string, pinyin: string];

const SURNAMES: readonly Syllable[] = [
  ['王', 'Wang'],
  ['李', 'Li'],
  ['张', 'Zhang'],
  ['刘', 'Liu'],
  ['陈', 'Chen'],
  ['黄', 'Huang'],
  ['周', 'Zhou'],
  ['林', 'Lin'],
  ['单', 'Shan'],
  ['曾', 'Zeng'],
  ['欧阳', 'Ouyang'],
  ['司马', 'Sima'],
  ['诸葛', 'Zhuge'],
];
const GIVEN: readonly Syllable[] = [
  ['伟', 'Wei'],
  ['芳', 'Fang'],
  ['秀英', 'Xiuying'],
  ['建国', 'Jianguo'],
  ['丽', 'Li'],
  ['志强', 'Zhiqiang'],
  ['雪梅', 'Xuemei'],
  ['俊杰', 'Junjie'],
  ['婷', 'Ting'],
  ['海涛', 'Haitao'],
  ['玉兰', 'Yulan'],
  ['晓东', 'Xiaodong'],
];
const MINORITY: readonly Syllable[] = [
  ['阿卜杜拉·买买提', 'Abdulla Memet'],
  ['古丽娜·艾山', 'Gulina Hasan'],
  ['扎西·次仁', 'Zhaxi Ciren'],
];

const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
const representation = (code: string): r4.Extension[] => [{ url: REPRESENTATION, valueCode: code }];

/** Names as Chinese hospitals send them: one to two entries (ideographic, often pinyin), sometimes only text. */
export function chineseName(random: Random): r4.HumanName[] {
  const form = random.int(0, 9);
  if (form === 0) {
    const [hanzi, pinyin] = random.pick(MINORITY);
    return [{ text: hanzi }, { text: pinyin, extension: representation('SYL') }];
  }
  const [family, familyPinyin] = random.pick(SURNAMES);
  const [given, givenPinyin] = random.pick(GIVEN);
  const ideographic: r4.HumanName = { use: 'official', text: family + given, family, given: [given] };
  if (form === 1) return [{ text: family + given }];
  if (form < 5) return [ideographic];
  return [
    { ...ideographic, extension: representation('IDE') },
    {
      text: `${familyPinyin} ${givenPinyin}`,
      family: familyPinyin,
      given: [givenPinyin],
      extension: representation('SYL'),
    },
  ];
}
