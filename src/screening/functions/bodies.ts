import type { FunctionBody, Item } from '../../fhir/fhirpath/compile.ts';
import type { FhirResource, r4 } from '../../fhir/resource.ts';
import type { Session, SessionHolder } from '../session.ts';
import { codedFor, current, memberOf, suggests, understood } from './concept.ts';
import { formInForce, formObliges, signer } from './consent.ts';
import { inEnrolment, isOpen, isOrder } from './request.ts';
import { clearlyPositive, compare, negative, positive } from './result.ts';
import { gradable, stageAtLeast, stageAtMost } from './stage.ts';
import { after, aged, newerThan, newest, notBefore, oldest, periodOver, within } from './time.ts';

type Answer = Item[] | boolean | string;

/** The functions of the language (study/language.ts), each bound to the session of the evaluation under way. */
export function functionBodies(holder: SessionHolder): Record<string, FunctionBody> {
  function session(): Session {
    if (!holder.current) throw new Error('A function of the language was called outside an evaluation.');
    return holder.current;
  }
  /** A function of one resource; called on nothing it answers with nothing. */
  function single<A extends unknown[]>(run: (at: Session, resource: FhirResource, ...args: A) => Answer): FunctionBody {
    return ((inputs: FhirResource[], ...args: A) =>
      inputs[0] ? run(session(), inputs[0], ...args) : []) as unknown as FunctionBody;
  }
  const compared = (how: Parameters<typeof compare>[4]) =>
    single((at, resource, bound: number, unit: string) => compare(at, resource, bound, unit, how));

  return {
    memberOf: ((inputs: r4.CodeableConcept[], set: string) => memberOf(session(), inputs, set)) as FunctionBody,
    codedFor: ((inputs: r4.CodeableConcept[], set: string) => codedFor(session(), inputs, set)) as FunctionBody,
    understood: ((inputs: r4.CodeableConcept[]) => understood(session(), inputs)) as FunctionBody,
    suggests: single(suggests),
    current: single(current),
    newest: ((inputs: FhirResource[]) => newest(session(), inputs)) as FunctionBody,
    oldest: ((inputs: FhirResource[]) => oldest(session(), inputs)) as FunctionBody,
    within: single(within),
    newerThan: single(newerThan),
    notBefore: single(notBefore),
    after: single(after),
    positive: single(positive),
    clearlyPositive: single(clearlyPositive),
    negative: single(negative),
    below: compared('below'),
    atLeast: compared('atLeast'),
    above: compared('above'),
    atMost: compared('atMost'),
    stageAtLeast: single(stageAtLeast),
    stageAtMost: single(stageAtMost),
    gradable: single(gradable),
    isOrder: single(isOrder),
    isOpen: single(isOpen),
    inEnrolment: single(inEnrolment),
    formInForce: single(formInForce),
    formObliges: single(formObliges),
    periodOver: single(periodOver),
    signer: single(signer),
    agedOn: single((at, _patient, on: FhirResource[], min: number, max: number) => aged(at, on[0] ?? null, min, max)),
    agedNow: single((at, _patient, min: number, max: number) => aged(at, null, min, max)),
  };
}
