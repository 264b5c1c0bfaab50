import { type Command, InvalidArgumentError, Option } from 'commander';

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
    .option('--out <dir>', 'where the files go', 'study-gateway-out')
    .option('--store <file>', 'the store (default: study-gateway.sqlite in --out)')
    .addOption(new Option('--format <format>', 'what is printed').choices(['table', 'json']).default('table'))
    .option('--full', 'read and check every line, also of people of whom nothing of the study is known')
    .option('--workers <n>', 'threads that scan (default: one for each processor, none for a small feed)', wholeNumber);
}

/** A number of threads. */
function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1 on.');
}
