import { type Action, allows, type Scopes } from '../auth/scopes.ts';
import type { Lens } from '../release/lens.ts';
import type { Refusal } from './answer.ts';
import { servedType } from './types.ts';

/** Who reads: a client of a registry, with what its token and the agreement allow. */
export interface Viewer {
  client: string;
  scopes: Scopes;
  lens: Lens;
}

/** Whether token and agreement allow something with a type. */
export function may({ scopes, lens }: Viewer, type: string, action: Action): boolean {
  return servedType(type) !== null && lens.types.has(type) && allows(scopes, type, action);
}

/** The same, with the reason where it does not. */
export function typeRefusal({ scopes, lens }: Viewer, type: string, action: Action): Refusal | null {
  if (!servedType(type)) return TYPE_UNKNOWN;
  if (!lens.types.has(type)) return NOT_AGREED;
  return allows(scopes, type, action) ? null : NOT_IN_SCOPE;
}

const TYPE_UNKNOWN: Refusal = {
  status: 404,
  code: 'type-unknown',
  issue: 'not-supported',
  message: 'There are no resources of this type here. The CapabilityStatement names those there are.',
};
const NOT_AGREED: Refusal = {
  status: 403,
  code: 'not-in-agreement',
  issue: 'forbidden',
  message: 'The agreement of this registry does not cover resources of this type.',
};
const NOT_IN_SCOPE: Refusal = {
  status: 403,
  code: 'scope-insufficient',
  issue: 'forbidden',
  message: 'The scopes of the access token do not cover this.',
};
