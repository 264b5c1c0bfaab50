import type { Response } from 'express';

/** Who sends a request, once that is proved. */
export interface RequestClient {
  /** Our own id of the client. */
  id: string;
  /** The site the client belongs to, where it belongs to one. */
  site?: string | null;
}

/** What travels with a request in `res.locals`. */
export interface RequestLocals {
  /** Our id of the request, also in the header X-Request-Id. */
  id: string;
  /** Mount of the area the request came to: a template. */
  area?: string;
  /** Set by authentication; without it the request counts as nobody's. */
  client?: RequestClient;
  /** Stable codes of what was refused, for the log. */
  codes?: string[];
  /** The body may take as long as a stream may. */
  streams?: boolean;
}

/** The locals of a request, typed. */
export function localsOf(res: Response): RequestLocals {
  return res.locals as RequestLocals;
}

/**
 * Template of the route that took the request: mount of the area and path of the route, as they stand in the code.
 * What came with the request is not in it; where a router inside an area was mounted under a path of its own, `:in`
 * stands for each segment.
 */
export function routeOf(res: Response): string {
  const { req } = res;
  const area = localsOf(res).area;
  const mount = area === undefined || area === '/' ? '' : area;
  if (req.route === undefined) return area === undefined ? '/*' : `${mount}/*`;
  const deeper = segments(req.baseUrl) - segments(mount);
  const path: unknown = req.route.path;
  const own = typeof path === 'string' ? path : '/:pattern';
  return `${mount}${'/:in'.repeat(Math.max(0, deeper))}${own === '/' && mount !== '' ? '' : own}`;
}

const segments = (path: string): number => path.split('/').filter(Boolean).length;
