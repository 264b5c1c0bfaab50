import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { HOME, TARGETS } from './place.ts';

/** `--targets`, for every command that writes: what changes is noted for each target. */
export function targetsOption(): Option {
  return new Option('--targets <dir>', 'the folder of delivery targets').default(TARGETS, 'targets/');
}

/**
 * Adds `delivery` and what is below it to the command line.
 * @param done is told the exit code
 */
export function addDeliveryCommands(program: Command, done: (exit: number) => void): void {
  const delivery = program.command('delivery').description('FHIR servers that get what concerns them');
  const ofTargets = (command: Command) =>
    command
      .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
      .addOption(targetsOption())
      .option('--keys <dir>', 'the folder of keys (default: <store>.keys)')
      .option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'));
  ofTargets(delivery.command('list'))
    .argument('[target]', 'one target only')
    .description('list what is delivered, waits or failed, and why')
    .option('--subject <id>', 'everything of one ResearchSubject that has left, taken back or not')
    .action(async (target, options) => {
      const { deliveryListCommand } = await import('./delivery.ts');
      done(await deliveryListCommand(target, options));
    });
  ofTargets(delivery.command('retry'))
    .argument('<target>', 'the id of a target')
    .description('let what failed or was put off be delivered again')
    .action(async (target, options) => {
      const { deliveryRetryCommand } = await import('./delivery.ts');
      done(await deliveryRetryCommand(target, options));
    });
  ofTargets(delivery.command('verify'))
    .argument('<target>', 'the id of a target')
    .description('compare a target with what it should have, deliver what is lacking, and compare again')
    .action(async (target, options) => {
      const { deliveryVerifyCommand } = await import('./delivery.ts');
      done(await deliveryVerifyCommand(target, options));
    });
}
