import { type Coded, coded } from '../study/coded.ts';
import type { Words } from '../study/model.ts';

/** What the study team should look at; nothing of it leaves the hospital. */
const ASKS = {
  'awareness-missing': { zh: '研究者尚未确认知悉', en: 'No investigator has stamped awareness' },
  'criterion-missing': { zh: '来源称严重，但未给出标准', en: 'Called serious without a criterion: say which' },
  'criterion-unknown': { zh: '严重性标准无法识别', en: 'A criterion of seriousness is not understood' },
  'stay-planned': { zh: '仅为计划内住院', en: 'The hospitalization is the planned stay, which ended as planned' },
  'stay-prolonged': {
    zh: '住院超过计划，来源未标明',
    en: 'The stay went beyond its plan, and the source names no such criterion',
  },
  'event-undated': { zh: '缺少发生时间', en: 'It is not said when the event was' },
  'suspect-unknown': { zh: '可疑操作不明', en: 'The source suspects something that is no known procedure' },
} as const satisfies Record<string, Words>;

export type AskCode = keyof typeof ASKS;

export type Ask = Coded<AskCode>;

export const asksOf = (codes: ReadonlySet<AskCode>): Ask[] => coded(ASKS, codes);
