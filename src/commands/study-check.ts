import { resolve } from 'node:path';
import { loadStudy } from '../study/load.ts';
import { loadSites } from '../study/site.ts';
import { EXIT } from './exit.ts';
import { faultLines } from './fault-lines.ts';
import { studyFolder } from './place.ts';

/** Compiles a study and its sites, and reports every mistake and every open question. */
export async function studyCheck(given: string, options: { sites: string }): Promise<number> {
  const loaded = await loadStudy(await studyFolder(given));
  const sites = await loadSites(resolve(options.sites));
  const faults = [...(loaded.ok ? [] : loaded.faults), ...(sites.ok ? [] : sites.faults)];
  if (faults.length > 0 || !loaded.ok || !sites.ok) {
    process.stdout.write(`${faultLines(faults)}\n${faults.length} mistake${faults.length === 1 ? '' : 's'}.\n`);
    return EXIT.cannotStart;
  }
  const { study, valueSets, collection, safety } = loaded.value;
  const questions = [study, collection, safety].flatMap((one) => one?.openQuestions ?? []);
  const rules = study.criteria.reduce((sum, criterion) => sum + criterion.rules.length, 0);
  process.stdout.write(
    `${study.title}\n${study.version}: ${study.criteria.length} criteria, ${rules} rules, ${study.sets.length} sets, ` +
      `${study.groups.length} groups, ${study.flags.length} flags, ${valueSets.ids().length} ValueSets, ` +
      `${study.forms.length} consent forms, ${sites.value.size} sites. No mistakes.\n`,
  );
  process.stdout.write(
    `\nOpen questions for the principal investigator (${questions.length}), with the answer in force:\n`,
  );
  for (const { parameter, answer, words } of questions) {
    process.stdout.write(`- ${words.en}\n  ${words.zh}\n  ${parameter} = ${answer}\n`);
  }
  return EXIT.done;
}
