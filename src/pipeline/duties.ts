import type { Draw } from '../collection/draws.ts';
import type { SpecimenAssessment } from '../collection/specimen.ts';
import type { AdverseEventAssessment } from '../safety/event.ts';
import type { Words } from '../study/model.ts';
import type { Care } from './care.ts';

/** What the study team at a hospital may have to do, with its words. The codes are stable. */
const DUTIES = {
  'draw-blood': { zh: '术前采血', en: 'Draw blood before the operation' },
  'sign-again': { zh: '采血前须重新签署知情同意', en: 'A new signature is needed before blood is drawn' },
  'quarantine-specimen': { zh: '隔离标本，不得使用', en: 'Put the specimen aside: it may not be used' },
  'settle-deviation': { zh: '研究者须确认方案偏离', en: 'An investigator is to accept the deviation, or not' },
  'complete-specimen': { zh: '标本资料不全或有误', en: 'Something about the specimen is missing or unclear' },
  'sae-awareness': { zh: '严重不良事件：研究者须确认知悉', en: 'Serious event: an investigator is to stamp awareness' },
  'sae-initial-report': { zh: '严重不良事件：首次报告', en: 'Serious event: make the initial report' },
  'sae-follow-up-report': { zh: '严重不良事件：随访报告', en: 'Serious event: make the follow-up report' },
  'review-event': { zh: '研究者须审阅不良事件', en: 'An investigator is to look at the event' },
} as const satisfies Record<string, Words>;

export type DutyKind = keyof typeof DUTIES;

/** Something the study team is to do, or has done. */
export interface Duty {
  kind: DutyKind;
  words: Words;
  /** The hospital's resource it is about, `Type/id`. */
  focus: string;
  /** `failed`: the time for it is past, and it can no more be done. */
  state: 'open' | 'done' | 'failed';
  /** ms; null where no time is set. */
  dueAt: number | null;
  /** Codes of what is to be looked at: deviations, holds, questions. */
  codes: readonly string[];
  urgent: boolean;
}

/** What is to be done about a person's specimens, draws and events, in a fixed order. A function of the state alone. */
export function dutiesOf({ draws, specimens, events }: Care): Duty[] {
  return [
    ...draws.map(ofDraw),
    ...[...specimens.values()].flatMap(ofSpecimen),
    ...[...events.values()].flatMap(ofEvent),
  ].sort((a, b) => (`${a.kind} ${a.focus}` < `${b.kind} ${b.focus}` ? -1 : 1));
}

const STATES = { due: 'open', blocked: 'open', drawn: 'done', missed: 'failed' } as const;

function ofDraw({ surgery, state, by, deviation }: Draw): Duty {
  const kind = state === 'blocked' ? 'sign-again' : 'draw-blood';
  return duty(kind, surgery, STATES[state], deviation ? [deviation.code] : [], { dueAt: by });
}

function ofSpecimen({ specimen, deviations, holds, quarantined, asks }: SpecimenAssessment): Duty[] {
  const held = holds.map(({ code }) => code);
  const open = [...held.filter((code) => code === 'confirm-time'), ...asks.map(({ code }) => code)];
  const settled = deviations.every(({ accepted }) => accepted);
  const coded = deviations.map(({ code }) => code);
  return [
    ...(quarantined ? [duty('quarantine-specimen', specimen, 'open', held)] : []),
    ...(coded.length > 0 ? [duty('settle-deviation', specimen, settled ? 'done' : 'open', coded)] : []),
    ...(open.length > 0 ? [duty('complete-specimen', specimen, 'open', open)] : []),
  ];
}

function ofEvent(one: AdverseEventAssessment & { aware: boolean }): Duty[] {
  const { event, clock, aware, alarm, conflict, asks } = one;
  const codes = [...(conflict ? ['seriousness-conflict'] : []), ...asks.map(({ code }) => code)];
  if (!clock) return alarm || conflict ? [duty('review-event', event, aware ? 'done' : 'open', codes)] : [];
  const { unreadSince, initialDue, followUpDue, reported } = clock;
  const report = (kind: DutyKind, dueAt: number | null, made: number | null) =>
    dueAt === null ? [] : [duty(kind, event, made === null ? 'open' : 'done', [], { dueAt, urgent: true })];
  return [
    duty('sae-awareness', event, aware ? 'done' : 'open', codes, { dueAt: unreadSince, urgent: true }),
    ...report('sae-initial-report', initialDue, reported.initial),
    ...report('sae-follow-up-report', followUpDue, reported.followUp),
  ];
}

function duty(
  kind: DutyKind,
  focus: string,
  state: Duty['state'],
  codes: readonly string[],
  more: Partial<Pick<Duty, 'dueAt' | 'urgent'>> = {},
): Duty {
  return { kind, words: DUTIES[kind], focus, state, dueAt: null, urgent: false, ...more, codes };
}
