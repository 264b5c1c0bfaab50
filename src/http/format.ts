import type { Request } from 'express';
import type { HttpRefusal } from './respond.ts';

const JSON_WORDS = /^(json|(application\/(fhir[+ ])?|text\/)json)\s*(;|$)/i;

/** Whether a value of `_format` asks for JSON; a plus sign that was not encoded arrives as a space. */
export const isJsonFormat = (value: string): boolean => JSON_WORDS.test(value);

/** Refuses what asks for another format than JSON, the one there is; `_format` goes before Accept (R4, http.html#mime-type). */
export function formatRefusal(req: Request, query: URLSearchParams): HttpRefusal | null {
  const said = query.get('_format');
  return (said ? isJsonFormat(said) : takesJson(req.headers.accept ?? '')) ? null : NOT_JSON;
}

const RANGES: readonly string[] = ['*/*', 'application/*', 'application/json', 'application/fhir+json'];

/** Parameters of a range say nothing against JSON, but for q=0 and another fhirVersion (R4, http.html#version-parameter). */
function takesJson(accept: string): boolean {
  if (accept.trim() === '') return true;
  return accept.split(',').some((one) => {
    const [range, ...parameters] = one.split(';').map((part) => part.replace(/[\s"]/g, '').toLowerCase());
    return (
      RANGES.includes(range!) &&
      !parameters.some((each) => /^(q=0(\.0*)?$|fhirversion=(?!4(\.0(\.\d+)?)?$))/.test(each))
    );
  });
}

const NOT_JSON: HttpRefusal = {
  status: 406,
  code: 'format',
  issue: 'not-supported',
  message: 'Answers are JSON here. Ask with Accept: application/fhir+json.',
};
