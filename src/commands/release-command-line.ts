import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { HOME } from './place.ts';

/**
 * Adds `release` and what is below it to the command line.
 * @param done is told the exit code
 */
export function addReleaseCommands(program: Command, done: (exit: number) => void): void {
  const release = program.command('release').description('releases to registries, as agreed with each');
  const ofReleases = (command: Command) =>
    command
      .addOption(new Option('--study <dir|id>', 'the study: a folder, or an id under studies/').default('nct07265544'))
      .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
      .addOption(
        new Option('--agreements <dir>', 'the folder of agreements').default(join(HOME, 'agreements'), 'agreements/'),
      )
      .option('--as-of <date>', 'the clock of consents and agreements: a day or an instant; default: now')
      .option('--keys <dir>', 'the folder of keys (default: <store>.keys)')
      .option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'));
  ofReleases(release.command('dry-run'))
    .argument('<agreement>', 'the id of an agreement')
    .description('tell what a release would hold, and every exclusion by reason and count; writes nothing')
    .action(async (id, options) => {
      const { releaseDryRun } = await import('./release.ts');
      done(await releaseDryRun(id, options));
    });
  ofReleases(release.command('diff'))
    .argument('<agreement>', 'the id of an agreement')
    .description('tell what changed since the last release: participant, cause, resources added, altered, removed')
    .action(async (id, options) => {
      const { releaseDiff } = await import('./release.ts');
      done(await releaseDiff(id, options));
    });
  ofReleases(release.command('make'))
    .argument('<agreement>', 'the id of an agreement')
    .description('make, sign and record a release, in a folder of its own')
    .requiredOption('--by <id>', 'who approves it: the approver of the agreement')
    .option('--out <dir>', 'where the folder goes', 'releases')
    .action(async (id, options) => {
      const { releaseMake } = await import('./release.ts');
      done(await releaseMake(id, options));
    });
  ofReleases(release.command('list'))
    .argument('[who]', 'a participant number, or the id of a ResearchSubject: the releases that held them')
    .description('list all releases, and who in them has withdrawn since')
    .action(async (who, options) => {
      const { releaseList } = await import('./release.ts');
      done(await releaseList(who, options));
    });
  ofReleases(release.command('verify'))
    .argument('<folder>', 'a release')
    .description('check signature and files')
    .option('--key <file>', 'the public key, as registries have it; without it that of the store')
    .action(async (folder, options) => {
      const { releaseVerify } = await import('./release-handover.ts');
      done(await releaseVerify(folder, options));
    });
  ofReleases(release.command('push'))
    .argument('<folder>', 'a release')
    .description('post a release to the endpoint of its agreement')
    .action(async (folder, options) => {
      const { releasePush } = await import('./release-handover.ts');
      done(await releasePush(folder, options));
    });
  ofReleases(release.command('key'))
    .description('print the public key by which registries verify releases')
    .action(async (options) => {
      const { releaseKey } = await import('./release.ts');
      done(await releaseKey(options));
    });
}
