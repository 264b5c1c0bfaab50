import { createTargetClient, type TargetClient } from '../delivery/client.ts';
import type { Target } from '../delivery/target.ts';
import type { TargetSecrets } from '../identity/target-secrets.ts';
import { MACHINE, type Machine } from '../pull/for-site.ts';
import { createSecretTokenSource, createTokenSource, type TokenSource } from '../pull/token.ts';

/** Answers of a token endpoint are short. */
const MAX_TOKEN_ANSWER = 1024 * 1024;

/** The client of a target as its file and the key folder say. */
export function clientForTarget(target: Target, secrets: TargetSecrets, machine: Machine = MACHINE): TargetClient {
  return createTargetClient(target, { ...machine, tokens: tokensFor(target, secrets, machine) });
}

/** Why a target cannot be asked: the file of the key folder that is missing; null when nothing is. */
export function missingSecret({ id, auth }: Target, { token, secret, clientKey }: TargetSecrets): string | null {
  if (auth.kind === 'bearer' && token === null) return `target-${id}.token`;
  if (auth.kind === 'client-secret' && secret === null) return `target-${id}.secret`;
  return auth.kind === 'smart' && clientKey === null ? `target-${id}.jwk` : null;
}

function tokensFor(
  { auth, timeoutMilliseconds }: Target,
  secrets: TargetSecrets,
  machine: Machine,
): TokenSource | null {
  const parts = { ...machine, timeoutMilliseconds, maxAnswerBytes: MAX_TOKEN_ANSWER };
  switch (auth.kind) {
    case 'none':
      return null;
    case 'bearer':
      return { token: async () => secrets.token ?? '', drop() {} };
    case 'client-secret':
      return createSecretTokenSource(auth, secrets.secret, parts);
    case 'smart':
      return createTokenSource(auth, secrets.clientKey, parts);
  }
}
