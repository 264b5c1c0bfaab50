import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { addClientCommands } from './commands/client-command-line.ts';
import { addDeliveryCommands, targetsOption } from './commands/delivery-command-line.ts';
import { CannotStart, EXIT } from './commands/exit.ts';
import { HOME } from './commands/place.ts';
import { addReleaseCommands } from './commands/release-command-line.ts';
import { addScreenOptions, studiesOption } from './commands/screen-command-line.ts';
import { defaultOf, flagOf } from './config/setting.ts';
import { SETTINGS, wantsDebug } from './config.ts';
import { KeysUnavailable } from './pipeline/gateway.ts';
import { StudyFault } from './pipeline/study-fault.ts';
import { TABLE_FORMATS } from './tables/input.ts';

/** Runs one command line and returns its exit code. What a command needs is loaded when it is called. */
export async function run(args: string[]): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('study-gateway')
    .description("Screens hospitals' FHIR R4 feeds for a clinical study.")
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 done, but something was set aside; 2 could not start; 3 a fault, nothing half-written.',
    );
  const oneStudy = () =>
    new Option('--study <dir|id>', 'the study: a folder, or an id under studies/').default('nct07265544');
  const common = (command: Command, study = oneStudy()) =>
    command
      .addOption(study)
      .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
      .option('--site <id>', 'the hospital; without it meta.source says which')
      .option(
        '--as-of <date>',
        'the clock of the criteria: a day (its end, in the study zone) or an instant; default: now',
      )
      .addOption(targetsOption())
      .option('--keys <dir>', 'the folder of keys, made at first use (default: <store>.keys)');
  addScreenOptions(common(program.command('screen'), studiesOption())).action(async (paths, options) => {
    const { screen } = await import('./commands/screen.ts');
    code = await screen(paths, options);
  });
  common(program.command('explain'))
    .argument('<patient>', 'Patient/<id> as the hospital names it, or the id of a ResearchSubject')
    .description("print one person's screening, also of somebody who is no subject")
    .option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'))
    .action(async (patient, options) => {
      const { explain } = await import('./commands/explain.ts');
      code = await explain(patient, options);
    });
  common(program.command('decide'))
    .argument('<kind>', 'nominate, suitable, unsuitable, confirm, reject, settle, enrol, withdraw, decline, reopen …')
    .argument('<patient>', 'Patient/<id> as the hospital names it, or the id of a ResearchSubject')
    .description('sign a decision about one person; the state follows from it')
    .option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'))
    .requiredOption('--by <id>', 'who signs')
    .requiredOption('--role <role>', 'investigator, coordinator or data-manager')
    .option('--seen <version>', 'meta.versionId of the ResearchSubject on which it was decided')
    .option('--reason <text|code>', 'why; a code for off-study')
    .option('--about <id>', 'a criterion, or a resource as Type/id/_history/version')
    .option('--answer <answer>', 'met or not-met for settle; the concept (a ValueSet id) for confirm and reject')
    .option('--attest <ids>', 'criteria and flags attested when enrolling, with commas')
    .option('--meaning <text>', 'the meaning of the signature')
    .action(async (kind, patient, options) => {
      const { decideCommand } = await import('./commands/decide.ts');
      code = await decideCommand(kind, patient, options);
    });
  const stored = (command: Command) =>
    common(command).option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'));
  stored(program.command('replay'))
    .argument('<subject>', 'the id of a ResearchSubject')
    .description('rebuild a research record and compare it byte for byte with the stored one')
    .action(async (subject, options) => {
      const { replayCommand } = await import('./commands/research.ts');
      code = await replayCommand(subject, options);
    });
  stored(program.command('trace'))
    .argument('<research>', 'Type/<id> of a research resource')
    .description('tell from which hospital resource it was made; audited')
    .action(async (research, options) => {
      const { traceCommand } = await import('./commands/research.ts');
      code = await traceCommand(research, options);
    });
  stored(program.command('held'))
    .description('list what may not pass to the study side as it is, with the reason')
    .action(async (options) => {
      const { heldCommand } = await import('./commands/research.ts');
      code = await heldCommand(options);
    });
  stored(program.command('due'))
    .description('list what is to be done about draws, specimens and adverse events, the most urgent first')
    .addOption(
      new Option('--format <format>', 'what is printed: a table, or a JSON object a line')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(async (options) => {
      const { dueCommand } = await import('./commands/due.ts');
      code = await dueCommand(options);
    });
  stored(program.command('tables'))
    .description('write the tables of everybody with a research record, for the study team; audited')
    .requiredOption('--out <dir>', 'where the files go')
    .addOption(new Option('--format <format>', 'one kind of tables only (default: all)').choices(TABLE_FORMATS))
    .action(async (options) => {
      const { tablesCommand } = await import('./commands/tables.ts');
      code = await tablesCommand(options);
    });
  const quarantine = program.command('quarantine').description('what was set aside, kept to be tried again');
  stored(quarantine.command('list'))
    .description('list what is open: id, site, time, place, reason, element, attempts, what is wrong')
    .option('--reason <code>', 'one reason only')
    .action(async (options) => {
      const { quarantineList } = await import('./commands/quarantine.ts');
      code = await quarantineList(options);
    });
  stored(quarantine.command('show'))
    .argument('<id>', 'the id of a row')
    .description('show one row')
    .option('--content', 'and what was refused, which may say who somebody is; audited')
    .action(async (id, options) => {
      const { quarantineShow } = await import('./commands/quarantine.ts');
      code = await quarantineShow(id, options);
    });
  stored(quarantine.command('retry'))
    .argument('[ids...]', 'the ids of rows')
    .description('take in what can be taken in now, then screen everybody; audited')
    .option('--all', 'everything open, or all of one --site')
    .action(async (ids, options) => {
      const { quarantineRetry } = await import('./commands/quarantine.ts');
      code = await quarantineRetry(ids, options);
    });
  const form = program.command('form').description('the forms of the study');
  const ofStudy = (command: Command) =>
    command
      .addOption(new Option('--study <dir|id>', 'the study: a folder, or an id under studies/').default('nct07265544'))
      .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
      .option('--as-of <date>', 'the day or instant of the form; default: now');
  ofStudy(form.command('list'))
    .description('list the forms, and at each site the version of the consent form in force')
    .option('--site <id>', 'one hospital only')
    .action(async (options) => {
      const { formList } = await import('./commands/form.ts');
      code = await formList(options);
    });
  ofStudy(form.command('fill'))
    .argument('<form>', 'the id of a form')
    .argument('<patient>', 'Patient/<id> as the hospital names it')
    .description('fill a form in the terminal or from a file; gives a signed QuestionnaireResponse and its resources')
    .requiredOption('--site <id>', 'the hospital')
    .requiredOption('--by <id>', 'who signs: Practitioner/<id>, or an identifier')
    .option('--answers <file>', 'answers, as YAML or JSON: linkId: value')
    .option('--scan <file>', 'the scanned paper: its hash becomes an answer')
    .option('--amends <response>', 'QuestionnaireResponse/<id>/_history/<n> that this one corrects')
    .option('--retracts <response>', 'QuestionnaireResponse/<id>/_history/<n> that is taken back')
    .option('--out <file>', 'write NDJSON to a new file')
    .option('--store <file>', 'take it in there at once')
    .addOption(targetsOption())
    .option('--keys <dir>', 'the folder of keys (default: <store>.keys)')
    .action(async (name, patient, options) => {
      const { formFill } = await import('./commands/form.ts');
      code = await formFill(name, patient, options, {
        takeInResources: async (resources) => {
          const { takeInResources } = await import('./commands/take-in-resources.ts');
          return takeInResources(resources, options);
        },
      });
    });
  addClientCommands(program, (exit) => {
    code = exit;
  });
  addReleaseCommands(program, (exit) => {
    code = exit;
  });
  addDeliveryCommands(program, (exit) => {
    code = exit;
  });
  program
    .command('purge')
    .description('delete people who never consented, after the time of their hospital; leaves a report and tombstones')
    .addOption(new Option('--study <dir|id>', 'the study: a folder, or an id under studies/').default('nct07265544'))
    .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
    .option('--as-of <date>', 'the clock: a day or an instant; default: now')
    .addOption(targetsOption())
    .option('--keys <dir>', 'the folder of keys (default: <store>.keys)')
    .option('--store <file>', 'the store', join('study-gateway-out', 'study-gateway.sqlite'))
    .option('--out <dir>', 'where the report goes', 'study-gateway-out')
    .option('--dry-run', 'only tell what would go')
    .action(async (options) => {
      const { purgeCommand } = await import('./commands/purge.ts');
      code = await purgeCommand(options);
    });
  program
    .command('scan')
    .argument('<feed...>', 'feeds whose identifiers are looked for')
    .requiredOption('--in <files...>', 'files and folders that must not hold any of them')
    .description('look for identifiers of a feed in files, in every usual encoding; prints places, never values')
    .action(async (feed, options) => {
      const { scanCommand } = await import('./commands/scan.ts');
      code = await scanCommand(feed, options);
    });
  program
    .command('study')
    .description('work on a study')
    .command('check')
    .argument('<dir|id>', 'the study')
    .description('compile a study and its sites; report every mistake and every open question')
    .addOption(new Option('--sites <dir>', 'the folder of site dictionaries').default(join(HOME, 'sites'), 'sites/'))
    .action(async (given, options) => {
      const { studyCheck } = await import('./commands/study-check.ts');
      code = await studyCheck(given, options);
    });
  const settings = (command: Command) => {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const flag = flagOf(name, setting);
      if (flag !== null) command.option(`${flag} <value>`, `${setting.words} (default: ${defaultOf(setting)})`);
    }
    return command;
  };
  settings(program.command('serve'))
    .description('run the service until it is stopped')
    .action(async (options) => {
      const { serveCommand } = await import('./commands/serve.ts');
      code = await serveCommand(options);
    });
  settings(program.command('config'))
    .description('print the settings of the service as they stand')
    .addOption(new Option('--format <format>', 'what is printed').choices(['table', 'markdown']).default('table'))
    .action(async (options) => {
      const { configCommand } = await import('./commands/settings.ts');
      code = configCommand(options);
    });
  program
    .command('demo')
    .description('screen the bundled synthetic feed as of 2025-06-01')
    .option('--out <dir>', 'where the files go', 'demo-out')
    .action(async (options) => {
      const { demo } = await import('./commands/demo.ts');
      code = await demo(options);
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error);
  }
}

/** Expected refusals say what to do; anything else is a fault with an id and no contents. */
function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.cannotStart;
  if (error instanceof CannotStart || error instanceof KeysUnavailable) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.cannotStart;
  }
  if (error instanceof StudyFault) {
    process.stderr.write(
      `The work for the study ${error.study} failed. What was committed for any study stands; running the command again completes it.\n`,
    );
    return failed(error.cause);
  }
  const id = randomUUID();
  const name = error instanceof Error ? error.name : typeof error;
  process.stderr.write(
    `A fault of the program or the machine (${name}), id ${id}: nothing half-written stays; run the command again. STUDY_GATEWAY_DEBUG=1 shows the cause.\n`,
  );
  if (wantsDebug()) console.error(error);
  return EXIT.fault;
}
