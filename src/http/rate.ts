import type { Socket } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
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
 * Both limits, counted in memory by the store of express-rate-limit, refused with 429 and Retry-After.
 * @param key 32 random bytes, of this process only: no address is kept
 */
export function createRateLimits(settings: RateSettings, key: Buffer): RateLimits {
  const last = new WeakMap<Socket, { ip: string; name: string }>();
  /** A connection mostly has one address. */
  const address = (req: Request) => {
    const { ip = '::', socket } = req;
    const known = last.get(socket);
    if (known?.ip === ip) return known.name;
    const name = keyedHash(key, 'address', ipKeyGenerator(ip, 64));
    last.set(socket, { ip, name });
    return name;
  };
  return {
    perAddress: failuresLimit(settings.ratePerAddress, address),
    perClient: requestsLimit(settings.ratePerClient, address),
  };
}

function requestsLimit(limit: number, address: (req: Request) => string): RequestHandler {
  const store = countedInMemory();
  return async (req, res, next) => {
    const { totalHits, resetTime } = await store.increment(localsOf(res).client?.id ?? address(req));
    if (totalHits > limit) tooMany(res, resetTime!);
    else next();
  };
}

function countedInMemory(): MemoryStore {
  const store = new MemoryStore();
  store.init({ windowMs: MINUTE } as Options);
  return store;
}

/** Counted when a request is over: only then it is known whether it was a client's, whose requests do not count here. */
function failuresLimit(limit: number, address: (req: Request) => string): RequestHandler {
  const store = countedInMemory();
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
