import type { ErrorObject } from 'ajv';
import type { RefusalCode } from '../refusal.ts';
import type { Finding, Steps } from './content.ts';
import type { ElementFault } from './element.ts';

const R4 = 'R4 is expected: R5 and STU3 resources have another shape and must be converted at the source.';

const FORMS: Record<string, string> = {
  'fhir-date': 'is not a date that exists, written YYYY, YYYY-MM or YYYY-MM-DD.',
  'fhir-dateTime': 'is not a date or time that exists, written like 2024-05-31 or 2024-05-31T08:30:00+08:00.',
  'fhir-instant': 'is not an instant that exists, written like 2024-05-31T08:30:00+08:00.',
  'fhir-reference': 'is not a reference: it is empty or contains white space.',
  'fhir-base64': 'is not base64.',
};

/** A code list longer than this is not repeated in a message. */
const MOST_CODES = 14;

/** Puts what ajv says into our words; the value itself is never repeated. */
export function findingOf(errors: ErrorObject[]): Finding {
  // Of a choice between null and a value, the value's own error says what is wrong.
  const telling = errors.find((error) => error.keyword !== 'anyOf' && error.params.type !== 'null') ?? errors[0]!;
  const { element, message } = inWords(telling);
  const place = [...steps(telling.instancePath), ...(element === null ? [] : [element])];
  return { at: place, reason: reasonOf(telling), message };
}

function inWords({ keyword, params }: ErrorObject): ElementFault {
  switch (keyword) {
    case 'fhirElement':
      return params as ElementFault;
    case 'additionalProperties':
      return { element: String(params.additionalProperty), message: `R4 has no such element here. ${R4}` };
    case 'required':
      return { element: String(params.missingProperty), message: `The element is required and missing. ${R4}` };
    case 'type':
      return { element: null, message: `The element must be ${typeInWords(String(params.type))}. ${R4}` };
    case 'enum': {
      const codes = params.allowedValues as unknown[];
      const list = codes.length <= MOST_CODES ? ` (${codes.join(', ')})` : '';
      return { element: null, message: `The code is none of those R4 allows here${list}. ${R4}` };
    }
    case 'format':
      return { element: null, message: `The element ${FORMS[String(params.format)]} Correct it at the source.` };
    case 'minimum':
      return { element: null, message: 'The number is smaller than FHIR allows here. Correct it at the source.' };
    default:
      return {
        element: null,
        message: 'The element is not written as its FHIR type demands. Correct it at the source.',
      };
  }
}

function reasonOf({ keyword, instancePath }: ErrorObject): RefusalCode {
  return instancePath === '/id' && (keyword === 'pattern' || keyword === 'type') ? 'invalid-id' : 'shape';
}

function typeInWords(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** A JSON pointer (RFC 6901) as its parts. The schemas let no key of digits alone pass: such a part is an index. */
function steps(pointer: string): Steps {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}
