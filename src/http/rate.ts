import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, type Options, rateLimit } from 'express-rate-limit';
import { keyedHash } from '../identity/keyed-hash.ts';
import { localsOf } from './locals.ts';
import { refuse } from './respond.ts';

/** Requests a minute; the settings have the same names. */
export interface RateSettings {
  ratePerClient: number;
  ratePerAddress: number;
}

export interface RateLimits {
  /** Before authentication: counts, by a keyed hash of the address, what ends without a client. */
  perAddress: RequestHandler;
  /** After authentication: counts every request of a client. Areas mount it behind their check of tokens. */
  perClient: RequestHandler;
}

const MINUTE = 60_000;

/**
 * Both limits, counted in memory by express-rate-limit, refused with 429 and Retry-After.
 * @param key 32 random bytes, of this process only: no address is kept
 */
export function createRateLimits(settings: RateSettings, key: Buffer): RateLimits {
  const address = (req: Request) => keyedHash(key, 'address', ipKeyGenerator(req.ip ?? '::', 64));
  return {
    perAddress: failuresLimit(settings.ratePerAddress, address),
    perClient: rateLimit({
      windowMs: MINUTE,
      limit: settings.ratePerClient,
      legacyHeaders: false,
      standardHeaders: false,
      // Its checks write to the console, with addresses.
      validate: false,
      keyGenerator: (req, res) => localsOf(res as Response).client?.id ?? address(req),
      handler: (req, res) => tooMany(res, (req as Request & { rateLimit: { resetTime: Date } }).rateLimit.resetTime),
    }),
  };
}

/** Counted when a request is over: only then it is known whether it was a client's, whose requests do not count here. */
function failuresLimit(limit: number, address: (req: Request) => string): RequestHandler {
  const store = new MemoryStore();
  store.init({ windowMs: MINUTE } as Options);
  return async (req, res, next) => {
    const key = address(req);
    const known = await store.get(key);
    if (known && known.totalHits >= limit) {
      tooMany(res, known.resetTime!);
      return;
    }
    res.once('close', () => {
      if (localsOf(res).client === undefined) void store.increment(key);
    });
    next();
  };
}

function tooMany(res: Response, until: Date): void {
  res.set('Retry-After', String(Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1_000))));
  const message = 'There were too many requests in a minute. Wait as long as Retry-After says.';
  refuse(res, { status: 429, code: 'too-many-requests', issue: 'throttled', message });
}
