import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { JWK } from 'jose';
import { contentHash } from '../fhir/canonical.ts';
import { isSignedBy } from '../identity/detached-signature.ts';
import { MANIFEST, SIGNATURE } from './files.ts';
import { type Manifest, sha256 } from './manifest.ts';

/** What can be wrong with a release on disk; stable codes. */
export const VERIFY_FAULTS = {
  'manifest-unreadable': 'The manifest or its signature is missing or no manifest: ask for the release again.',
  'signature-broken': 'The manifest is not signed by this key, or was changed after it was signed: do not use it.',
  'content-hash': 'The content hash of the manifest is not that of its content: do not use it.',
  'name-mismatch': 'The folder has another name than the release: give it back its name.',
  'file-missing': 'A file of the manifest is missing: ask for the release again.',
  'file-changed': 'A file is not as it was released: do not use it.',
  'file-surplus': 'A file is there that the manifest does not name: it is no part of the release.',
} as const;
export interface VerifyFault {
  code: keyof typeof VERIFY_FAULTS;
  /** Name of the file; null for the release as a whole. */
  file: string | null;
}

export interface Verified {
  /** As it lies there; null when it cannot be read, or is not signed by the key. */
  manifest: Manifest | null;
  manifestText: string;
  signature: string;
  faults: VerifyFault[];
}

/** Checks a release in a folder against a public key: signature, hashes, nothing missing, nothing added. Needs no store. */
export async function verifyRelease(folder: string, key: JWK): Promise<Verified> {
  const [text, signature] = await Promise.all(
    [MANIFEST, SIGNATURE].map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  const bad = (code: VerifyFault['code']): Verified => ({
    manifest: null,
    manifestText: text!,
    signature: signature!,
    faults: [{ code, file: null }],
  });
  if (!text || !signature) return bad('manifest-unreadable');
  // Nothing of an unsigned manifest is looked at.
  if (!(await isSignedBy(key, Buffer.from(text), signature))) return bad('signature-broken');
  const manifest = JSON.parse(text) as Manifest;
  const faults: VerifyFault[] = [];
  const { release, number: _, made: __, contentHash: told, ...content } = manifest;
  if (contentHash(content) !== told) faults.push({ code: 'content-hash', file: null });
  if (basename(folder) !== release) faults.push({ code: 'name-mismatch', file: null });
  for (const { name, sha256: hash } of manifest.files) {
    const bytes = await readFile(join(folder, name)).catch(() => null);
    if (!bytes) faults.push({ code: 'file-missing', file: name });
    else if (sha256(bytes) !== hash) faults.push({ code: 'file-changed', file: name });
  }
  const known = new Set([MANIFEST, SIGNATURE, ...manifest.files.map(({ name }) => name)]);
  for (const name of (await readdir(folder)).sort()) {
    if (!known.has(name)) faults.push({ code: 'file-surplus', file: name });
  }
  return { manifest, manifestText: text, signature, faults };
}
