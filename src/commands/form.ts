import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { dayOf, dayText, spanOf } from '../fhir/time.ts';
import { type Head, responseOf } from '../forms/fill.ts';
import { formInForce, offeredOn } from '../forms/in-force.ts';
import { type Answers, wordsOf } from '../forms/item.ts';
import { kindOf } from '../forms/kinds.ts';
import { loadForms } from '../forms/load.ts';
import { resourcesOf } from '../forms/respond.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { faultLines } from './fault-lines.ts';
import { answersAtTerminal, answersInFile, faultsOfForm } from './form-answers.ts';
import { type Definitions, namedSite, type OpenOptions, openDefinitions } from './open.ts';
import { studyFolder } from './place.ts';

export interface FormListOptions extends Pick<OpenOptions, 'study' | 'sites'> {
  site?: string | undefined;
  asOf?: string | undefined;
}

export interface FormFillOptions extends FormListOptions {
  /** Who signs: `Practitioner/<id>`, `PractitionerRole/<id>`, or an identifier. */
  by: string;
  answers?: string | undefined;
  scan?: string | undefined;
  amends?: string | undefined;
  retracts?: string | undefined;
  out?: string | undefined;
  /** Only asked whether it is there: resources then go to `takeInResources`. */
  store?: string | undefined;
}

/** Takes resources in as any feed's: normal intake, checks included. */
export type TakeInResources = (resources: FhirResource[]) => Promise<void>;

/** What the command is given from outside. */
export interface FormTools {
  takeInResources?: TakeInResources;
  newId?: () => string;
  clock?: () => number;
  /** Asks at the terminal; without it questions are asked only where there is one. */
  ask?: (question: string) => Promise<string>;
}

type Forms = ReadonlyMap<string, r4.Questionnaire>;

async function openForms(options: FormListOptions): Promise<{ definitions: Definitions; forms: Forms }> {
  const definitions = await openDefinitions(options);
  const forms = await loadForms(await studyFolder(options.study), definitions.loaded.study);
  if (!forms.ok) throw new CannotStart(`The forms have mistakes:\n${faultLines(forms.faults)}`);
  return { definitions, forms: forms.value };
}

/** Prints the forms of the study, and at each site the version of the informed consent form in force. */
export async function formList(options: FormListOptions, { clock = Date.now }: FormTools = {}): Promise<number> {
  const { definitions, forms } = await openForms(options);
  const one = namedSite(definitions, options.site);
  const { study } = definitions.loaded;
  const now = clockOf(options.asOf, study.timezone, clock());
  for (const form of forms.values()) {
    const { zh, en } = wordsOf(form.title, form._title);
    process.stdout.write(`${form.id}  ${zh} / ${en}\n`);
    if (kindOf(form) !== 'Consent') continue;
    for (const site of one ? [one] : definitions.sites.values()) {
      const inForce = formInForce(study, site, dayOf(now, site.timezone));
      process.stdout.write(`  ${site.id}: ${inForce?.version ?? '–'} ${dayText(dayOf(now, site.timezone))}\n`);
    }
  }
  return EXIT.done;
}

/**
 * Fills a form about a patient, from a file or at the terminal, and gives the signed QuestionnaireResponse with its
 * resources: to intake with `store`, to a new NDJSON file with `out`, else to standard output.
 */
export async function formFill(
  name: string,
  patient: string,
  options: FormFillOptions,
  tools: FormTools = {},
): Promise<number> {
  const said = saidOf(patient, options);
  const { definitions, forms } = await openForms(options);
  const site = namedSite(definitions, said.site)!;
  const form = [...forms.values()].find(({ id }) => id === name);
  if (!form)
    throw new CannotStart(`There is no form "${name}": ${[...forms.values()].map(({ id }) => id).join(', ')}.`);
  if (options.store !== undefined && !tools.takeInResources) throw new Error('takeInResources is not given.');
  const now = clockOf(options.asOf, site.timezone, (tools.clock ?? Date.now)());
  const { study } = definitions.loaded;
  const offered = (answers: Answers) => {
    const signed = spanOf(answers.get('signed')?.[0]?.valueDateTime ?? '', site.timezone);
    return offeredOn(form, study, site, dayOf(signed?.start ?? now, site.timezone));
  };
  const desk = { form, offered, signed: { by: now, zone: site.timezone }, scan: options.scan };
  let answers: Answers = new Map();
  if (options.answers !== undefined) answers = await answersInFile(options.answers, desk);
  else if (!options.retracts) answers = await answersAtTerminal(desk, tools.ask);
  const id = said.head.id ?? (tools.newId ?? randomUUID)();
  const response = responseOf(form, answers, { ...said.head, id, at: new Date(now).toISOString() });
  const responded = resourcesOf(response, form, site, study);
  if (!responded.ok) throw faultsOfForm(responded.faults);
  tellVersion(offered(answers), answers);
  const source = { ...response, meta: { ...response.meta, source: site.fhirBase } };
  await hand([source as unknown as FhirResource, ...responded.resources], options, tools);
  return EXIT.done;
}

/** What the arguments say, checked; `head.id` is that of the response to amend or to retract. */
function saidOf(
  patient: string,
  { site, by, amends, retracts, answers }: FormFillOptions,
): { site: string; head: Omit<Head, 'id' | 'at'> & { id: string | null } } {
  if (site === undefined) throw new CannotStart('Say with --site at which hospital the form is filled.');
  if (retracts !== undefined && (amends !== undefined || answers !== undefined)) {
    throw new CannotStart('--retracts takes a whole response back: leave --amends and --answers out.');
  }
  const named = amends ?? retracts;
  const earlier = /^(?:QuestionnaireResponse\/)?([A-Za-z0-9.-]{1,64})(?:\/_history\/(\d{1,9}))?$/.exec(named ?? '');
  if (named !== undefined && !earlier) {
    throw new CannotStart('--amends and --retracts take QuestionnaireResponse/<id>/_history/<version>.');
  }
  const id = patient.replace(/^Patient\//, '');
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(id)) throw new CannotStart('Give Patient/<id> as the hospital names it.');
  const author = /^Practitioner(Role)?\/[A-Za-z0-9.-]{1,64}$/.test(by)
    ? { reference: by }
    : { type: 'Practitioner', identifier: { value: by } };
  const head = {
    id: earlier?.[1] ?? null,
    versionId: earlier ? String(Number(earlier[2] ?? 1) + 1) : '1',
    status: retracts !== undefined ? 'entered-in-error' : amends !== undefined ? 'amended' : 'completed',
    subject: { reference: `Patient/${id}` },
    author,
  } as const;
  return { site, head };
}

/** Says which version is in force where it is not the one signed: the criteria will not count that consent. */
function tellVersion(form: r4.Questionnaire, answers: Answers): void {
  const option = form.item?.flatMap((item) => item.answerOption ?? []).find(({ initialSelected }) => initialSelected);
  const signed = answers.get('version')?.[0]?.valueCoding?.code;
  if (!option || signed === undefined) return;
  const inForce = option.valueCoding?.code;
  const beside = signed === inForce ? '' : ` 签署的是${signed} / signed was ${signed}`;
  process.stderr.write(`签署当日有效版本 / in force on the day of signing: ${inForce}.${beside}\n`);
}

async function hand(resources: FhirResource[], { store, out }: FormFillOptions, tools: FormTools): Promise<void> {
  const lines = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
  if (store !== undefined) await tools.takeInResources?.(resources);
  if (out !== undefined) {
    await writeFile(out, lines, { flag: 'wx' }).catch(() => {
      throw new CannotStart('The file of --out cannot be written, or is there already.');
    });
  } else if (store === undefined) process.stdout.write(lines);
  const types = [...new Set(resources.map(({ resourceType }) => resourceType))].map(
    (type) => `${type} ${resources.filter((one) => one.resourceType === type).length}`,
  );
  process.stderr.write(`${types.join(', ')}.\n`);
}
