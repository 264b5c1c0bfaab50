import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { JWK } from 'jose';
import { publicJwk } from '../identity/detached-signature.ts';
import { readKeyFile } from '../identity/key-file.ts';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { backOff } from '../jobs/back-off.ts';
import { recordPush, UNPUSHABLE, unpushable } from '../pipeline/release-push.ts';
import { MANIFEST, SIGNATURE } from '../release/files.ts';
import type { Manifest } from '../release/manifest.ts';
import { PUSH_REFUSALS, type PushParts, pushFiles } from '../release/push.ts';
import { VERIFY_FAULTS, type Verified, verifyRelease } from '../release/verify.ts';
import { CannotStart, EXIT } from './exit.ts';
import { agreementOf, type ReleaseOptions, withReleaseDesk } from './release-desk.ts';

const ATTEMPTS = 5;
const TIMEOUT_MILLISECONDS = 60_000;

/** Verifies a release in a folder: by a public key alone, as a registry does, or by the key of this store. */
export async function releaseVerify(
  folder: string,
  options: ReleaseOptions & { key?: string | undefined },
): Promise<number> {
  const jwk = options.key === undefined ? await ownKey(options) : await givenKey(options.key);
  const verified = await verifyRelease(resolve(folder), jwk);
  if (!isSound(verified)) return EXIT.setAside;
  const { release, files } = verified.manifest;
  process.stdout.write(`${release}: signature and ${files.length} files are as released\n`);
  return EXIT.done;
}

/** How the network and waiting are done; replaced only by tests. */
export interface PushOutside {
  fetch: PushParts['fetch'];
  sleep: (milliseconds: number) => Promise<unknown>;
  random: () => number;
}

/** Verifies a release, makes sure that it may still be given, and posts it to the endpoint of its agreement. */
export async function releasePush(
  given: string,
  options: ReleaseOptions,
  outside: PushOutside = { fetch, sleep: (milliseconds) => setTimeout(milliseconds), random: Math.random },
): Promise<number> {
  return withReleaseDesk(options, async (opened) => {
    const { desk, keyFolder, now } = opened;
    const folder = resolve(given);
    const verified = await verifyRelease(folder, await publicJwk(desk.signingKey));
    if (!isSound(verified)) return EXIT.setAside;
    const { manifest } = verified;
    const agreement = agreementOf(opened, manifest.agreement.id);
    const code = await unpushable(desk, agreement, verified, now);
    if (code) throw new CannotStart(`${code}: ${UNPUSHABLE[code]}`);
    const refusal = await pushFiles(manifest.release, await contentsOf(folder, manifest), {
      endpoint: agreement.endpoint!,
      bearer: await bearerOf(keyFolder, agreement.id),
      fetch: outside.fetch,
      wait: async (attempts, retryAfter) => {
        await outside.sleep(Math.max(retryAfter ?? 0, backOff(attempts, outside.random())));
      },
      attempts: ATTEMPTS,
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    });
    if (refusal) {
      const status = refusal.status === null ? '' : ` (${refusal.status})`;
      process.stderr.write(`${refusal.file}: ${refusal.code}${status}: ${PUSH_REFUSALS[refusal.code]}\n`);
      return EXIT.setAside;
    }
    await recordPush(desk, manifest);
    process.stdout.write(`${manifest.release}: posted ${manifest.files.length + 2} files\n`);
    return EXIT.done;
  });
}

/** The manifest and its signature go last: who has them has everything. */
async function contentsOf(folder: string, { files }: Manifest) {
  const names = [...files.map(({ name }) => name), MANIFEST, SIGNATURE];
  return Promise.all(
    names.map(async (name) => ({ name, type: typeOf(name), bytes: await readFile(join(folder, name)) })),
  );
}

function typeOf(name: string): string {
  if (name.endsWith('.ndjson')) return /^[A-Z]/.test(name) ? 'application/fhir+ndjson' : 'application/x-ndjson';
  if (name.endsWith('.csv')) return 'text/csv';
  return name.endsWith('.json')
    ? 'application/json'
    : name === SIGNATURE
      ? 'application/jose+json'
      : 'application/octet-stream';
}

/** `<agreement>.bearer` in the key folder, closed to others; null when there is none. */
async function bearerOf(keyFolder: string, agreement: string): Promise<string | null> {
  const found = await readKeyFile(join(keyFolder, `${agreement}.bearer`));
  if (found === null) return null;
  if (isKeyRefusal(found)) throw new CannotStart(found.message);
  return found.toString('utf8').trim();
}

/** Prints what is wrong; true when nothing is. */
function isSound(verified: Verified): verified is Verified & { manifest: Manifest } {
  const { manifest, faults } = verified;
  for (const { code, file } of faults) process.stdout.write(`${file ?? '-'}\t${code}\t${VERIFY_FAULTS[code]}\n`);
  return faults.length === 0 && manifest !== null;
}

function ownKey(options: ReleaseOptions): Promise<JWK> {
  return withReleaseDesk(options, ({ desk }) => publicJwk(desk.signingKey));
}

async function givenKey(file: string): Promise<JWK> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch {
    throw new CannotStart('The file given with --key is no JWK, or cannot be read: it is what "release key" prints.');
  }
}
