/**
 * Why a hospital's server could not be asked, or its answer not be used. The codes are stable. A transient refusal goes
 * by itself; a permanent one stays until somebody does something. One of the `site` is a matter of the whole connection,
 * one of the `request` may concern this request alone.
 */
export const PULL_REFUSALS = {
  unreachable: ['transient', 'site', 'The server cannot be reached. Check address, network and certificate.'],
  'timed-out': ['transient', 'request', 'The server did not answer in time.'],
  'answer-429': ['transient', 'site', 'The server asks for fewer requests. Lower requestsPerSecond if this goes on.'],
  'answer-5xx': ['transient', 'request', 'The server failed.'],
  'answer-not-fhir': ['transient', 'request', 'The answer is not FHIR JSON. Check connection.base in site.yaml.'],
  'answer-401': [
    'permanent',
    'site',
    'The server does not accept our token. Check how our client is registered there.',
  ],
  'answer-403': ['permanent', 'request', 'The server does not let us read this. Check the scopes of our client there.'],
  'answer-4xx': ['permanent', 'request', 'The server refuses the request.'],
  'answer-too-long': ['permanent', 'request', 'The answer is longer than connection.maxAnswerMiB.'],
  'answer-other-resource': ['permanent', 'request', 'The server answered with another resource than it was asked for.'],
  redirected: ['permanent', 'site', 'The server redirects, which is not followed. Correct connection.base.'],
  'next-link-foreign': [
    'permanent',
    'request',
    'The next page lies outside connection.base, where no token is sent. Give the address that the server itself uses.',
  ],
  'paging-endless': ['permanent', 'request', 'The pages of the search do not end.'],
  'token-refused': ['permanent', 'site', 'The token endpoint refuses our client. Check clientId, scope and key.'],
  'token-key-missing': [
    'permanent',
    'site',
    'Our client has no key for this site. Put <site>.jwk into the key folder.',
  ],
} as const;

export interface PullRefusal {
  kind: 'pull-refused';
  code: keyof typeof PULL_REFUSALS;
  lasts: 'transient' | 'permanent';
  scope: 'site' | 'request';
  /** Says what to do; names no resource. */
  message: string;
  /** Milliseconds for which the server asks to be left alone; null when it does not say. */
  retryAfter: number | null;
}

export function pullRefusal(code: PullRefusal['code'], retryAfter: number | null = null): PullRefusal {
  const [lasts, scope, message] = PULL_REFUSALS[code];
  return { kind: 'pull-refused', code, lasts, scope, message, retryAfter };
}

export function isPullRefusal(value: object): value is PullRefusal {
  return 'kind' in value && value.kind === 'pull-refused';
}
