import { type Coded, coded } from '../study/coded.ts';
import type { Words } from '../study/model.ts';

/** Deviations of a specimen, as the extension `deviation` allows them (ValueSet specimen-deviation). */
const DEVIATIONS = {
  'before-consent': { zh: '采集时尚无有效的知情同意', en: 'Collected when no consent was in force' },
  'after-start': { zh: '手术开始后采集', en: 'Collected after the procedure started' },
  'low-volume': { zh: '采血量少于方案要求', en: 'Less volume than the protocol asks for' },
  missed: { zh: '手术已开始，未采术前血', en: 'The procedure started and no blood was drawn before it' },
  'wrong-site': { zh: '采血部位不是上肢', en: 'Not drawn from an upper limb' },
} as const satisfies Record<string, Words>;

/** Holds of a specimen, as the extension `specimen-hold` allows them (ValueSet specimen-hold). */
const HOLDS = {
  'before-consent': { zh: '隔离：采集时尚无有效的知情同意', en: 'Quarantined: collected when no consent was in force' },
  'consent-withdrawn': { zh: '隔离：已撤回知情同意', en: 'Quarantined: consent withdrawn' },
  'enrolled-in-error': { zh: '误入组', en: 'The participant was enrolled in error' },
  're-consent': { zh: '须重新签署知情同意', en: 'A new signature is awaited' },
  'confirm-time': {
    zh: '请确认时间：无法判断采集与同意或手术的先后',
    en: 'Confirm the time: the order of collection, consent and procedure cannot be decided',
  },
} as const satisfies Record<string, Words>;

/** What a person at the hospital should look at; nothing of it leaves the hospital. */
const ASKS = {
  'not-of-study': { zh: '标本类型不属于本研究', en: 'The study collects no specimen of this type' },
  'time-missing': { zh: '缺少采集时间', en: 'The time of collection is missing or cannot be read' },
  'volume-unknown': {
    zh: '采血量未知或单位无法换算',
    en: 'The volume is missing, has no unit of volume, or leaves it open',
  },
  'volume-above-cap': { zh: '采血量超过按体重计算的上限', en: "More blood than a minor's body weight allows" },
  'cap-unknown': {
    zh: '缺少体重或计算规则，无法核对上限',
    en: "A minor's cap cannot be checked: body weight or formula missing",
  },
  'age-unknown': { zh: '采集当日是否未成年未知', en: 'It is not known whether the person was a minor when bled' },
  'position-unknown': { zh: '采血部位未知', en: 'The position is missing or not on the lists' },
  'kit-missing': { zh: '缺少试剂盒编号', en: 'The kit id is missing' },
  'kit-malformed': { zh: '试剂盒编号格式有误', en: 'The kit id does not have the form of one, or there are several' },
  'kit-duplicate': { zh: '试剂盒编号重复', en: 'Another specimen has the same kit id' },
  'parent-unknown': { zh: '上级标本未知', en: 'A specimen it was made of is not known' },
  'parent-cycle': { zh: '标本溯源成环', en: 'The specimens it was made of lead back to itself' },
} as const satisfies Record<string, Words>;

export type DeviationCode = keyof typeof DEVIATIONS;
export type HoldCode = keyof typeof HOLDS;
export type AskCode = keyof typeof ASKS;

export const deviation = (code: DeviationCode): Coded<DeviationCode> => ({ code, words: DEVIATIONS[code] });

export const holdsOf = (codes: ReadonlySet<HoldCode>) => coded(HOLDS, codes);
export const asksOf = (codes: ReadonlySet<AskCode>) => coded(ASKS, codes);
export const deviationsOf = (codes: ReadonlySet<DeviationCode>) => coded(DEVIATIONS, codes);
