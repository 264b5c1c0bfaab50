import type { Request, Response } from 'express';
import { NO_AGREEMENT } from '../../registry/answer.ts';
import type { Viewer } from '../../registry/viewer.ts';
import type { LensFor } from '../../release/lens.ts';
import { clientOf } from '../auth/authenticated.ts';
import { refuse } from '../respond.ts';

/** Who reads, and through which lens; null when there is no agreement in force, and then the request is answered. */
export function viewerOf(res: Response, lensFor: LensFor): Viewer | null {
  const { id, scopes, registry } = clientOf(res);
  const lens = registry === null ? null : lensFor(registry);
  if (lens) return { client: id, scopes, lens };
  refuse(res, NO_AGREEMENT);
  return null;
}

/** Whether unknown parameters are to be refused (R4, search.html#errors). */
export function handlingOf(req: Request): 'strict' | 'lenient' | null {
  const said = /\bhandling\s*=\s*"?(strict|lenient)\b/i.exec(String(req.headers.prefer ?? ''))?.[1];
  return said ? (said.toLowerCase() as 'strict' | 'lenient') : null;
}

/** The query of a request, as it was sent. */
export function queryOf(req: Request): URLSearchParams {
  const at = req.originalUrl.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : req.originalUrl.slice(at + 1));
}
