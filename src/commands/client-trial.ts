import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { TOKEN_PATH } from '../auth/settings.ts';
import { MACHINE } from '../pull/for-site.ts';
import { createTokenSource } from '../pull/token.ts';
import { CannotStart, EXIT } from './exit.ts';

const LIMITS = { timeoutMilliseconds: 10_000, maxAnswerBytes: 1024 * 1024 };

/** Makes a key pair (EC P-384) for a client: `<out>.jwk`, private and for its owner only, and `<out>-jwks.json`. */
export async function clientKey({ out }: { out: string }): Promise<number> {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const kid = randomUUID();
  const named = async (key: typeof privateKey) => ({ ...(await exportJWK(key)), kid, alg: 'ES384' });
  const files = [
    { file: `${out}.jwk`, content: await named(privateKey), mode: 0o600 },
    { file: `${out}-jwks.json`, content: { keys: [await named(publicKey)] }, mode: 0o644 },
  ];
  for (const { file, content, mode } of files) {
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode, flag: 'wx' }).catch(() => {
      throw new CannotStart(`${file} cannot be made, or is there already: a key is never overwritten.`);
    });
  }
  process.stdout.write(
    `${files[0]!.file}: the private key, keep it\n${files[1]!.file}: the public keys, for client add --jwks\n`,
  );
  return EXIT.done;
}

/** Asks a running service for an access token as its client does, and prints it: to try a client, or a curl. */
export async function clientToken(id: string, options: { key: string; url: string; scope: string }): Promise<number> {
  const text = await readFile(options.key, 'utf8').catch(() => null);
  if (text === null) throw new CannotStart(`There is no file ${options.key}: client key makes one.`);
  const tokenUrl = `${options.url.replace(/\/+$/, '')}${TOKEN_PATH}`;
  const source = createTokenSource({ tokenUrl, clientId: id, scope: options.scope }, keyIn(text, options.key), {
    ...LIMITS,
    ...MACHINE,
  });
  const token = await source.token();
  if (typeof token !== 'string') throw new CannotStart(`${token.code}: ${token.message} (${tokenUrl})`);
  process.stdout.write(`${token}\n`);
  return EXIT.done;
}

function keyIn(text: string, file: string): JWK {
  try {
    return JSON.parse(text) as JWK;
  } catch {
    throw new CannotStart(`${file} is no JWK.`);
  }
}
