import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { HOME } from './place.ts';

/**
 * Adds `client` and what is below it to the command line.
 * @param done is told the exit code
 */
export function addClientCommands(program: Command, done: (exit: number) => void): void {
  const client = program.command('client').description('programs that may use the service');
  const ofClients = (command: Command) =>
    command.option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'));
  ofClients(client.command('add'))
    .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
    .description('add a client of one site or one registry, with its public keys')
    .requiredOption('--name <name>', 'what people call it')
    .requiredOption('--scope <scopes>', 'SMART scopes it may have, such as "system/*.cruds"')
    .option('--id <id>', 'the client id (default: a random one)')
    .option('--site <id>', 'the hospital it belongs to')
    .option('--registry <name>', 'the registry it belongs to')
    .option('--operator', 'it belongs to those who run the gateway')
    .option('--jwks <file>', 'its public keys: a JSON Web Key Set')
    .option('--jwks-url <url>', 'where its public keys are published')
    .action(async (options) => {
      const { clientAdd } = await import('./client.ts');
      done(await clientAdd(options));
    });
  client
    .command('key')
    .description('make a key pair for a client: a private JWK, and the set of its public key')
    .requiredOption('--out <name>', 'beginning of the file names: <name>.jwk and <name>-jwks.json')
    .action(async (options) => {
      const { clientKey } = await import('./client-trial.ts');
      done(await clientKey(options));
    });
  client
    .command('token')
    .argument('<id>', 'the client id')
    .description('ask a running service for an access token, as the client would')
    .requiredOption('--key <file>', 'its private JWK')
    .option('--url <url>', 'base URL of the service', 'http://127.0.0.1:8080')
    .option('--scope <scopes>', 'what is asked for', 'system/*.cruds')
    .action(async (id, options) => {
      const { clientToken } = await import('./client-trial.ts');
      done(await clientToken(id, options));
    });
  ofClients(client.command('list'))
    .description('list all clients, revoked ones too')
    .action(async (options) => {
      const { clientList } = await import('./client.ts');
      done(await clientList(options));
    });
  ofClients(client.command('revoke'))
    .argument('<id>', 'the client id')
    .description('revoke a client at once and for good')
    .action(async (id, options) => {
      const { clientRevoke } = await import('./client.ts');
      done(await clientRevoke(id, options));
    });
}
