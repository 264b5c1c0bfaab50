import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { keyObjectOf } from './key-object.ts';

const ALGORITHM = 'aes-256-gcm';
const PREFIX = 'v1.';
/** NIST SP 800-38D section 8.2.2: a random nonce of 96 bits serves 2^32 texts under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const MESSAGES = {
  'vault-form': 'A sealed text does not have the form of the vault.',
  'vault-not-authentic': 'A sealed text was changed, moved from its place, or sealed with another key.',
} as const;

export type VaultErrorCode = keyof typeof MESSAGES;

/** A sealed text could not be opened. Says nothing of its contents. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode) {
    super(MESSAGES[code]);
    this.name = 'VaultError';
    this.code = code;
  }
}

function associated(context: string): Buffer {
  return Buffer.from(PREFIX + context, 'utf8');
}

/**
 * Encrypts a text so that it opens only in its own place: AES-256-GCM (NIST SP 800-38D), the context as associated
 * data. Two seals of the same text differ.
 * @param key vault key of the site and study (32 bytes)
 * @param context where the text stands, `site|type|id`
 * @param random source of random bytes, fixed only by tests
 * @returns `v1.` and base64url of nonce, ciphertext and tag
 */
export function seal(
  key: Buffer,
  plain: string,
  context: string,
  random: (size: number) => Buffer = randomBytes,
): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyObjectOf(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(context));
  const body = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + body.toString('base64url');
}

/**
 * Decrypts what `seal` gave for the same key and context.
 * @throws VaultError `vault-form` when it is no sealed text, `vault-not-authentic` when it was tampered with or key or
 *   context is another
 */
export function open(key: Buffer, sealed: string, context: string): string {
  if (!sealed.startsWith(PREFIX)) throw new VaultError('vault-form');
  const text = sealed.slice(PREFIX.length);
  const body = Buffer.from(text, 'base64url');
  // Buffer skips what is not base64url; only the one true spelling of the bytes is accepted.
  if (body.length < NONCE_BYTES + TAG_BYTES || body.toString('base64url') !== text) throw new VaultError('vault-form');
  const tagStart = body.length - TAG_BYTES;
  const nonce = body.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, keyObjectOf(key), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated(context)).setAuthTag(body.subarray(tagStart));
  const plain = decipher.update(body.subarray(NONCE_BYTES, tagStart));
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch {
    throw new VaultError('vault-not-authentic');
  }
}
