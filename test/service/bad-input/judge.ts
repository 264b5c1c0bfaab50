import { MARK } from './naughty.ts';
import type { Answered } from './send.ts';

interface Issue {
  severity?: string;
  code?: string;
  details?: { text?: string };
  diagnostics?: string;
  expression?: string[];
}

/** What is wrong with an answer; null when it is as it must be. */
export function judge(answered: Answered): string | null {
  const { asked, status, text, headers } = answered;
  const { expected, path, method } = asked;
  const told = `${asked.name}: ${status} ${text.slice(0, 300)}`;
  if (status >= 500) return `a fault – ${told}`;
  if (status >= 400 && `${text}${JSON.stringify(headers)}`.includes(MARK)) return `repeats what was sent – ${told}`;
  switch (expected.kind) {
    case 'accepted':
      return status >= 200 && status < 300 ? null : `should be accepted – ${told}`;
    case 'parts-refused':
      return status === 200 ? partsFault(text, told) : `should be 200 with refusals – ${told}`;
    case 'refused': {
      if (status < 400) return `should be refused – ${told}`;
      if (expected.status && !expected.status.includes(status)) return `should be ${expected.status.join()} – ${told}`;
      if (method === 'HEAD') return null;
      if (path.startsWith('/auth/token')) return tokenFault(status, text, told);
      return outcomeFault(headers['content-type'] ?? '', text, expected.place ?? false, told);
    }
  }
}

function outcomeFault(type: string, text: string, place: boolean, told: string): string | null {
  const outcome = parsed(text);
  if (!type.startsWith('application/fhir+json') || outcome?.resourceType !== 'OperationOutcome')
    return `no OperationOutcome – ${told}`;
  const issues = (outcome.issue ?? []) as Issue[];
  if (issues.length === 0 || issues.some(({ code, severity }) => !code || severity !== 'error'))
    return `no issue – ${told}`;
  return place && !issues.every(isPlaced) ? `no place – ${told}` : null;
}

/** An expression, or the line and column of a text. */
function isPlaced({ expression, details }: Issue): boolean {
  return Boolean(expression?.[0]) || /line \d+, column \d+/.test(details?.text ?? '');
}

/** RFC 6749 5.2, with our stable code; a wrong method has no body. */
function tokenFault(status: number, text: string, told: string): string | null {
  const answer = parsed(text);
  if (status === 404) return answer?.resourceType === 'OperationOutcome' ? null : `no OperationOutcome – ${told}`;
  if (status === 405) return text === '' ? null : `no empty body – ${told}`;
  const whole = [answer?.error, answer?.error_description, answer?.code].every((one) => typeof one === 'string');
  return whole && Object.keys(answer!).length === 3 ? null : `no OAuth error – ${told}`;
}

/** The lines of a stream, or the entries of a batch. */
function partsFault(text: string, told: string): string | null {
  const whole = parsed(text);
  if (whole?.resourceType === 'Bundle') {
    const entries = (whole.entry ?? []) as { response: { status: string; outcome?: { issue: Issue[] } } }[];
    const well = entries.every(
      ({ response }) => /^4\d\d/.test(response.status) && response.outcome?.issue.every(isPlaced),
    );
    return well && entries.length > 0 ? null : `an entry is not refused, or not with its place – ${told}`;
  }
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => parsed(line)?.issue as Issue[] | undefined);
  const well = lines.every((issues) =>
    issues?.every((issue) => issue.code && /^line \d+.*: 4\d\d$/.test(issue.diagnostics ?? '')),
  );
  return well && lines.length > 0 ? null : `a line is not refused, or not with its place – ${told}`;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
