import { type Command, InvalidArgumentError, Option } from 'commander';

const ONE: readonly string[] = ['nct07265544'];

/** The studies of a screening. */
export function studiesOption(): Option {
  return new Option(
    '--study <dir|id>',
    'the study: a folder, or an id under studies/; several, each with --study, over one reading of the feed',
  )
    .argParser((given: string, before: readonly string[]) => (before === ONE ? [given] : [...before, given]))
    .default(ONE, ONE[0]);
}

/** What `screen` takes beside the study, the sites and the clock. */
export function addScreenOptions(command: Command): Command {
  return command
    .argument(
      '<paths...>',
      'folders and files of NDJSON, Bundles or single resources, plain or gzip; - is standard input',
    )
    .description(
      'take feeds in, screen everybody known, write worklist, subjects, summary, quarantine, unmapped codes, log',
    )
    .option('--out <dir>', 'where the files go; of several studies in a folder each, by its id', 'study-gateway-out')
    .option(
      '--store <file>',
      'the store (default: study-gateway.sqlite in --out); of several studies a folder, for <study id>/study-gateway.sqlite',
    )
    .addOption(new Option('--format <format>', 'what is printed').choices(['table', 'json']).default('table'))
    .option('--full', 'read and check every line, also of people of whom nothing of the study is known')
    .option('--workers <n>', 'threads that scan (default: one for each processor, none for a small feed)', wholeNumber);
}

/** A number of threads. */
function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1 on.');
}
