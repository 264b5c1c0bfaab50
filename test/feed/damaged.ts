import type { RefusalCode } from '../../src/fhir/refusal.ts';
import { concept, condition, feedContext, icd10, plain } from './builders.ts';

/** One line that must be set aside, and the reason to be given. */
export interface DamagedLine {
  reason: RefusalCode;
  line: string;
}

/** The feed's six bad lines. Each has one fault only; nobody's screening depends on them. */
export function damagedLines(): DamagedLine[] {
  const ctx = feedContext('nf', 999999, 'damaged');
  const sound = () => condition(ctx, { code: concept(icd10('K76.0')) });
  const foreign = sound();
  const lines: [RefusalCode, object | string][] = [
    ['invalid-json', JSON.stringify(sound()).slice(0, -25)],
    ['shape', { ...sound(), onsetDateTime: '2025-02-30' }],
    ['unknown-type', { ...sound(), resourceType: 'LiverBiopsy' }],
    ['subject-not-patient', { ...sound(), subject: { reference: 'Group/nf-g-000001' } }],
    ['site-unknown', { ...foreign, meta: { ...foreign.meta, source: 'https://elsewhere.example.org/fhir' } }],
    ['shape', { ...plain({ resourceType: 'Patient', id: 'nf-p-999999' }), meta: foreign.meta, name: '测试' }],
  ];
  return lines.map(([reason, content]) => ({
    reason,
    line: typeof content === 'string' ? content : JSON.stringify(content),
  }));
}
