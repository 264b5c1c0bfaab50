import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicJwk } from '../identity/detached-signature.ts';
import {
  isReleaseRefusal,
  makeRelease,
  type Prospect,
  prospectOf,
  type ReleaseRefusal,
  recordRelease,
} from '../pipeline/release.ts';
import { withdrawnOf } from '../pipeline/release-withdrawn.ts';
import { MANIFEST, SIGNATURE } from '../release/files.ts';
import { ViewRefused } from '../tables/view/run.ts';
import { diffText, heldByText, prospectText, releaseLines } from '../views/release-text.ts';
import { breaksRules, gapLines } from '../views/table-gaps.ts';
import { CannotStart, EXIT } from './exit.ts';
import { makeFolder } from './open.ts';
import { agreementOf, foldersOf, type OpenedDesk, type ReleaseOptions, withReleaseDesk } from './release-desk.ts';

/** Tells what a release would hold now, and every exclusion by reason and count; writes nothing. */
export async function releaseDryRun(id: string, options: ReleaseOptions): Promise<number> {
  return onProspect(id, options, prospectText);
}

/** Tells what changed since the last release, by participant number and cause. */
export async function releaseDiff(id: string, options: ReleaseOptions): Promise<number> {
  return onProspect(id, options, diffText);
}

/** Makes a release in a folder of its own below `out`, signs and records it. */
export async function releaseMake(id: string, options: ReleaseOptions & { by: string; out: string }): Promise<number> {
  return withReleaseDesk(options, async (opened) => {
    const { desk, now } = opened;
    const made = refused(await makeRelease(desk, agreementOf(opened, id), options.by, now).catch(ofView));
    const { release, contentHash, counts } = made.manifest;
    await makeFolder(options.out);
    const { folder, draft } = foldersOf(options.out, release);
    if (await stat(folder).catch(() => null))
      throw new CannotStart(
        `There is a folder ${folder} that this store did not make: move it away, or name another --out.`,
      );
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    const signed = [
      { name: MANIFEST, content: made.text },
      { name: SIGNATURE, content: made.signature },
    ];
    for (const { name, content } of [...made.files, ...signed]) {
      await writeFile(join(draft, name), content, { mode: 0o600, flag: 'wx' });
    }
    await rename(draft, folder);
    await recordRelease(desk, made).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    const last = made.prospect.last;
    const same = last?.contentHash === contentHash ? `; the same content as release ${last.number}` : '';
    process.stdout.write(
      `${release}: ${made.files.length} files, people: ${counts.people}, content ${contentHash.slice(0, 12)}${same}\n${folder}\n`,
    );
    const lacking = made.files.filter(({ gaps = [] }) => gaps.length > 0);
    for (const { name, gaps = [] } of lacking) process.stdout.write(`${[name, ...gapLines(gaps)].join('\n')}\n`);
    return breaksRules(made.files) ? EXIT.setAside : EXIT.done;
  });
}

/** Lists all releases with those people who have withdrawn since; or the releases that held somebody. */
export async function releaseList(who: string | undefined, options: ReleaseOptions): Promise<number> {
  return withReleaseDesk(options, async ({ desk, now }) => {
    if (who !== undefined) {
      const name = who.replace(/^ResearchSubject\//, '');
      const rows = await desk.store.read(({ study }) => study.releasesWith(name));
      process.stdout.write(heldByText(rows));
    } else
      process.stdout.write(
        releaseLines(await desk.store.read((tx) => withdrawnOf(tx, desk.study.purposes.ofData, now))),
      );
    return EXIT.done;
  });
}

/** Prints the public key by which registries verify releases, as JWK. */
export async function releaseKey(options: ReleaseOptions): Promise<number> {
  return withReleaseDesk(options, async ({ desk }) => {
    process.stdout.write(`${JSON.stringify(await publicJwk(desk.signingKey))}\n`);
    return EXIT.done;
  });
}

async function onProspect(id: string, options: ReleaseOptions, text: (prospect: Prospect) => string): Promise<number> {
  return withReleaseDesk(options, async (opened: OpenedDesk) => {
    const prospect = refused(await prospectOf(opened.desk, agreementOf(opened, id), opened.now));
    process.stdout.write(text(prospect));
    return EXIT.done;
  });
}

/** A view that has no cell for what it met. */
function ofView(error: unknown): never {
  throw error instanceof ViewRefused ? new CannotStart(error.message) : error;
}

function refused<T extends object>(value: T | ReleaseRefusal): T {
  if (isReleaseRefusal(value)) throw new CannotStart(`${value.code}: ${value.message}`);
  return value as T;
}
