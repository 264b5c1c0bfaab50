import type { Json } from './examples.ts';

const OURS = 'https://study-gateway.example/StructureDefinition/';
const AE = 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/';
export const NAME = '欧阳建国';
const HOSPITAL_ID = 'ya-p-000001';

/** What is wrong, how to make it so, and the fault: `code place`, or `rule` and its key. */
export type Mutation = [what: string, change: (r: Json) => void, fault: string];

/** What must never leave, whatever the type. */
export const EVERYWHERE: Mutation[] = [
  ['a narrative', (r) => (r.text = { status: 'generated', div: `<div>${NAME}</div>` }), 'element text'],
  ['a contained resource', (r) => (r.contained = [{ resourceType: 'Patient', id: 'p' }]), 'element contained'],
  ['the hospital in meta.source', (r) => (r.meta = { source: 'https://ya.example.cn/fhir' }), 'element meta.source'],
  ['a tag', (r) => (r.meta = { tag: [{ code: HOSPITAL_ID }] }), 'element meta.tag'],
  ['a security label', (r) => (r.meta = { security: [{ code: 'R' }] }), 'element meta.security'],
  ["another's profile", (r) => (r.meta = { profile: ['https://ya.example.cn/p'] }), 'text meta.profile[0]'],
  ['a language', (r) => (r.language = 'zh'), 'element language'],
  ['implicit rules', (r) => (r.implicitRules = 'https://ya.example.cn/rules'), 'element implicitRules'],
  ["the hospital's id", (r) => (r.id = HOSPITAL_ID), 'text id'],
  ['no id', (r) => delete r.id, 'missing id'],
  ['an extension beside a primitive', (r) => (r._language = { extension: [{ url: 'urn:x' }] }), 'element language'],
];

const foreign = (r: Json) =>
  (r.extension = [...(r.extension ?? []), { url: 'https://ya.example.cn/ext', valueString: NAME }]);
const foreignModifier = (r: Json) => (r.modifierExtension = [{ url: 'https://ya.example.cn/ext', valueBoolean: true }]);

/** By example. */
export const MUTATIONS: Record<string, Mutation[]> = {
  patient: [
    ['a name', (r) => (r.name = [{ text: NAME }]), 'element name'],
    ['a birth date', (r) => (r.birthDate = '1991-02-03'), 'element birthDate'],
    [
      "the hospital's identifier",
      (r) => (r.identifier = [{ system: 'https://ya.example.cn/sid/mrn', value: '1' }]),
      'element identifier',
    ],
    ['an address', (r) => (r.address = [{ city: '北京' }]), 'element address'],
    ['a telephone', (r) => (r.telecom = [{ value: '138' }]), 'element telecom'],
    ['a photo', (r) => (r.photo = [{ url: 'https://ya.example.cn/p.jpg' }]), 'element photo'],
    ['a contact', (r) => (r.contact = [{ name: { text: NAME } }]), 'element contact'],
    ['a link', (r) => (r.link = [{ other: { reference: 'Patient/x' }, type: 'refer' }]), 'element link'],
    ['a bad code', (r) => (r.gender = 'F'), 'shape gender'],
    [
      'an age as text',
      (r) => (r.extension[0] = { url: `${OURS}age-years`, valueString: '34' }),
      'element extension[0].value.ofType(string)',
    ],
    ['a negative age', (r) => (r.extension[0].valueInteger = -1), 'value extension[0].value.ofType(integer)'],
    [
      'an age that is no age',
      (r) => (r.extension[0].valueInteger = 19910203),
      'value extension[0].value.ofType(integer)',
    ],
    ['two ages', (r) => r.extension.push(r.extension[0]), 'repeated extension[1]'],
    ['an extension without value', (r) => delete r.extension[0].valueInteger, 'missing extension[0].value'],
    [
      'an extension in an extension',
      (r) => (r.extension[0].extension = [{ url: 'x', valueString: NAME }]),
      'extension extension[0].extension[0]',
    ],
    ['an id on an extension', (r) => (r.extension[0].id = HOSPITAL_ID), 'element extension[0].id'],
    [
      "another profile's extension",
      (r) => (r.extension = [{ url: `${OURS}stratum`, valueCode: 'young' }]),
      'extension extension[0]',
    ],
  ],
  'research-subject': [
    [
      "the hospital's identifier",
      (r) => (r.identifier[0].system = 'https://ya.example.cn/sid/mrn'),
      'value identifier[0].system',
    ],
    [
      'another identifier of ours',
      (r) => (r.identifier[0].system = 'https://study-gateway.example/sid/kit'),
      'value identifier[0].system',
    ],
    ['a number of another form', (r) => (r.identifier[0].value = 'Zhang-1'), 'text identifier[0].value'],
    ['a second identifier', (r) => r.identifier.push(r.identifier[0]), 'repeated identifier'],
    [
      'who assigned the number',
      (r) => (r.identifier[0].assigner = { display: NAME }),
      'element identifier[0].assigner',
    ],
    ['no study version', (r) => r.extension.pop(), 'missing extension'],
    ['a name as group', (r) => (r.extension[0].valueString = NAME), 'code extension[0].value.ofType(string)'],
    ['a name as arm', (r) => (r.assignedArm = NAME), 'code assignedArm'],
    ['an unknown stratum', (r) => (r.extension[2].valueCode = 'zhang'), 'code extension[2].value.ofType(code)'],
    [
      'a text as reason',
      (r) => r.extension.push({ url: `${OURS}status-reason`, valueCode: NAME }),
      'text extension[6].value.ofType(code)',
    ],
    ['two strata', (r) => r.extension.push(r.extension[2]), 'repeated extension[6]'],
    ['a status never used', (r) => (r.status = 'on-study-intervention'), 'code status'],
    ['no status', (r) => delete r.status, 'shape status'],
    [
      "the hospital's id in a reference",
      (r) => (r.individual.reference = `Patient/${HOSPITAL_ID}`),
      'text individual.reference',
    ],
    ['a display in a reference', (r) => (r.individual.display = NAME), 'element individual.display'],
    [
      'an absolute reference',
      (r) => (r.individual.reference = `https://ya.example.cn/fhir/${r.individual.reference}`),
      'text individual.reference',
    ],
    ['a version in a reference', (r) => (r.individual.reference += '/_history/1'), 'text individual.reference'],
    ['a reference to another type', (r) => (r.consent.reference = r.individual.reference), 'reference consent'],
    ['another study', (r) => (r.study.reference = `ResearchStudy/${HOSPITAL_ID}`), 'text study.reference'],
    ['an unknown extension', foreign, 'extension extension[6]'],
  ],
  condition: [
    ['the words of the code', (r) => (r.code.text = `${NAME} 脂肪肝`), 'element code.text'],
    ['a display', (r) => (r.code.coding[0].display = NAME), 'element code.coding[0].display'],
    ["the hospital's own code", (r) => (r.code.coding[0].system = 'https://ya.example.cn/cs/dx'), 'code code'],
    ["the hospital's code under a public name", (r) => (r.code.coding[0].code = 'DX0201'), 'code code'],
    ['a code without system', (r) => delete r.code.coding[0].system, 'missing code.coding[0].system'],
    ['a note', (r) => (r.note = [{ text: NAME }]), 'element note'],
    ['who recorded it', (r) => (r.recorder = { reference: 'Practitioner/x' }), 'element recorder'],
    ['the encounter', (r) => (r.encounter = { reference: 'Encounter/x' }), 'element encounter'],
    ['no code', (r) => delete r.code, 'missing code'],
    ['no subject', (r) => delete r.subject, 'shape subject'],
    ['a bad code', (r) => (r.clinicalStatus.coding[0].code = 'alive'), 'code clinicalStatus'],
    ['entered in error', (r) => (r.verificationStatus.coding[0].code = 'entered-in-error'), 'code verificationStatus'],
    [
      'an onset in words',
      (r) => {
        delete r.onsetDateTime;
        r.onsetString = `${NAME} 说`;
      },
      'element onset.ofType(string)',
    ],
    ['two onsets', (r) => (r.onsetPeriod = { start: '2024' }), 'shape onset'],
    ['a time without zone', (r) => (r.recordedDate = '2024-05-31T08:30:00'), 'value recordedDate'],
    ['an unknown extension', foreign, 'extension extension[0]'],
    ['a modifier extension', foreignModifier, 'extension modifierExtension[0]'],
    [
      'an extension inside a datatype',
      (r) => (r.code.extension = [{ url: 'urn:x', valueString: NAME }]),
      'extension code.extension[0]',
    ],
  ],
  'observation-laboratory': [
    [
      'a text value',
      (r) => {
        delete r.valueQuantity;
        r.valueString = NAME;
      },
      'element value.ofType(string)',
    ],
    ['two values', (r) => (r.valueBoolean = true), 'shape value'],
    ['a unit in words', (r) => (r.valueQuantity.unit = NAME), 'element value.ofType(Quantity).unit'],
    ['a unit that is none', (r) => (r.valueQuantity.code = '{ZhangSan}'), 'code value.ofType(Quantity).code'],
    [
      'a number without unit',
      (r) => {
        delete r.valueQuantity.code;
        delete r.valueQuantity.system;
      },
      'missing value.ofType(Quantity).system',
    ],
    [
      'a value and why it is missing',
      (r) =>
        (r.dataAbsentReason = {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
        }),
      'rule obs-6',
    ],
    ['a reference range in words', (r) => (r.referenceRange[0].text = NAME), 'element referenceRange[0].text'],
    ['a reference range of nothing', (r) => (r.referenceRange[0] = {}), 'shape referenceRange[0]'],
    ['the performer', (r) => (r.performer = [{ display: NAME }]), 'element performer'],
    ['a bad comparator', (r) => (r.valueQuantity.comparator = '~'), 'shape value.ofType(Quantity).comparator'],
    ['a bad category', (r) => (r.category[0].coding[0].code = 'x'), 'code category[0]'],
    ['no category', (r) => delete r.category, 'missing category'],
    ['a device', (r) => (r.device = { reference: 'Device/x' }), 'element device'],
    ['an identifier of the hospital', (r) => (r.identifier = [{ value: HOSPITAL_ID }]), 'element identifier'],
    ["the hospital's specimen", (r) => (r.specimen.reference = 'Specimen/20250530001'), 'text specimen.reference'],
  ],
  'observation-finding': [
    [
      'a sign told in a code',
      (r) => {
        delete r.valueBoolean;
        r.valueCodeableConcept = { coding: [{ system: 'http://snomed.info/sct', code: '373067005' }] };
      },
      'rule sg-finding',
    ],
    ['a sign of which nothing is said', (r) => delete r.valueBoolean, 'rule sg-finding'],
    ['a sign of no list', (r) => (r.code.coding[0].code = 'exam-zhang'), 'code code'],
  ],
  procedure: [
    ['who did it', (r) => (r.performer = [{ actor: { reference: 'Practitioner/x' } }]), 'element performer'],
    ['where', (r) => (r.location = { display: '手术室' }), 'element location'],
    ['a note', (r) => (r.note = [{ text: NAME }]), 'element note'],
    ['the words of the code', (r) => (r.code.text = NAME), 'element code.text'],
    [
      'when in words',
      (r) => {
        delete r.performedPeriod;
        r.performedString = NAME;
      },
      'element performed.ofType(string)',
    ],
    ['a period that ends first', (r) => (r.performedPeriod.end = '2025-05-01'), 'shape performed.ofType(Period)'],
    ['entered in error', (r) => (r.status = 'entered-in-error'), 'code status'],
    [
      "the hospital's condition",
      (r) => (r.reasonReference[0].reference = 'Condition/ya-c-1'),
      'text reasonReference[0].reference',
    ],
    ['a reason of another type', (r) => (r.reasonReference[0] = r.subject), 'reference reasonReference[0]'],
    ['an unknown extension', foreign, 'extension extension[0]'],
  ],
  'specimen-blood': [
    ['the accession number', (r) => (r.accessionIdentifier = { value: '20250601001' }), 'element accessionIdentifier'],
    [
      "the hospital's identifier",
      (r) => (r.identifier[0] = { system: 'https://ya.example.cn/sid/lis', value: '1' }),
      'value identifier[0].system',
    ],
    ['an id that is no kit', (r) => (r.identifier[0].value = HOSPITAL_ID), 'text identifier[0].value'],
    [
      'a container with its number',
      (r) => (r.container = [{ identifier: [{ value: '1' }] }]),
      'element container[0].identifier',
    ],
    ['a container described', (r) => (r.container = [{ description: NAME }]), 'element container[0].description'],
    ['a deviation in words', (r) => (r.extension[0].valueCode = NAME), 'code extension[0].value.ofType(code)'],
    [
      'a deviation of another type',
      (r) => (r.extension[0] = { url: `${OURS}deviation`, valueString: NAME }),
      'element extension[0].value.ofType(string)',
    ],
    ['a hold of no list', (r) => (r.extension[2].valueCode = 'later'), 'code extension[2].value.ofType(code)'],
    ['the collector', (r) => (r.collection.collector = { display: NAME }), 'element collection.collector'],
    ['a volume in kPa', (r) => (r.collection.quantity.code = 'kPa'), 'code collection.quantity.code'],
    ['a note', (r) => (r.note = [{ text: NAME }]), 'element note'],
    ['processing described', (r) => (r.processing = [{ description: NAME }]), 'element processing[0].description'],
    ['a parent of another type', (r) => (r.parent = [r.subject]), 'reference parent[0]'],
    ['no status', (r) => delete r.status, 'missing status'],
  ],
  'adverse-event': [
    ['serious without criterion', (r) => r.extension.shift(), 'rule aeClinRes-seriousness-1'],
    [
      'serious by a criterion that is absent',
      (r) => (r.extension[0].extension[1].valueBoolean = false),
      'rule aeClinRes-seriousness-1',
    ],
    [
      'not serious with a criterion',
      (r) => (r.seriousness.coding[0].code = 'non-serious'),
      'rule aeClinRes-seriousness-1',
    ],
    ['R4 legacy spelling', (r) => (r.seriousness.coding[0].code = 'Serious'), 'code seriousness'],
    [
      'fatal and not serious',
      (r) => {
        r.extension.shift();
        r.seriousness.coding[0].code = 'non-serious';
        r.outcome.coding[0].code = 'fatal';
      },
      'rule sg-fatal',
    ],
    [
      'a criterion in words',
      (r) => (r.extension[0].extension[0].valueCodeableConcept.text = NAME),
      'element extension[0].extension[0].value.ofType(CodeableConcept).text',
    ],
    [
      'a criterion of no list',
      (r) => (r.extension[0].extension[0].valueCodeableConcept.coding[0].code = 'C1'),
      'code extension[0].extension[0].value.ofType(CodeableConcept)',
    ],
    ['a criterion without its answer', (r) => r.extension[0].extension.pop(), 'missing extension[0].extension'],
    [
      'a criterion with more',
      (r) => r.extension[0].extension.push({ url: 'note', valueString: NAME }),
      'extension extension[0].extension[2]',
    ],
    [
      'a value beside the criterion',
      (r) => (r.extension[0].valueString = NAME),
      'element extension[0].value.ofType(string)',
    ],
    [
      'a status that is no modifier',
      (r) => {
        r.extension.push(r.modifierExtension[0]);
        delete r.modifierExtension;
      },
      'extension extension[3]',
    ],
    [
      'expected, in words',
      (r) => (r.extension[1] = { url: `${AE}expected-in-research-study`, valueString: NAME }),
      'element extension[1].value.ofType(string)',
    ],
    [
      "the guide's note",
      (r) => r.extension.push({ url: `${AE}note`, valueAnnotation: { text: NAME } }),
      'extension extension[3]',
    ],
    ['a potential event', (r) => (r.actuality = 'potential'), 'value actuality'],
    ['the event in words', (r) => (r.event.text = NAME), 'element event.text'],
    [
      'another suspect',
      (r) => (r.suspectEntity[0].instance = { reference: `Medication/${'a'.repeat(26)}` }),
      'reference suspectEntity[0].instance',
    ],
    ['another study', (r) => r.study.push({ reference: 'ResearchStudy/nct00000001' }), 'repeated study'],
    ['the recorder', (r) => (r.recorder = { reference: 'Practitioner/x' }), 'element recorder'],
    ['an identifier', (r) => (r.identifier = { value: HOSPITAL_ID }), 'element identifier'],
  ],
  consent: [
    ['who signed', (r) => (r.performer = [{ reference: r.patient.reference }]), 'element performer'],
    ['the hospital', (r) => (r.organization = [{ display: '佑安医院' }]), 'element organization'],
    [
      'the scan',
      (r) => (r.sourceAttachment = { url: 'https://ya.example.cn/scan' }),
      'element source.ofType(Attachment)',
    ],
    [
      'the witness',
      (r) => (r.verification = [{ verified: true, verifiedWith: { display: NAME } }]),
      'element verification',
    ],
    [
      'an actor of a provision',
      (r) => (r.provision.actor = [{ role: { text: NAME }, reference: { display: NAME } }]),
      'element provision.actor',
    ],
    [
      'an actor of an inner provision',
      (r) => (r.provision.provision[0].actor = [{ role: { text: NAME }, reference: { display: NAME } }]),
      'element provision.provision[0].actor',
    ],
    [
      'a bad purpose',
      (r) => (r.provision.provision[0].purpose[0].code = 'sale'),
      'code provision.provision[0].purpose[0]',
    ],
    [
      'a purpose with display',
      (r) => (r.provision.provision[0].purpose[0].display = NAME),
      'element provision.provision[0].purpose[0].display',
    ],
    ['a form with more in its name', (r) => (r.policy[0].uri += `/${HOSPITAL_ID}`), 'text policy[0].uri'],
    ['another scope', (r) => (r.scope.coding[0].code = 'treatment'), 'code scope'],
    [
      'a second coding beside a good one',
      (r) => r.scope.coding.push({ system: 'https://ya.example.cn/cs', code: 'x' }),
      'code scope',
    ],
    ['a draft', (r) => (r.status = 'draft'), 'code status'],
    ['no form', (r) => delete r.policy, 'missing policy'],
    ['a provision that is neither', (r) => (r.provision.type = 'maybe'), 'shape provision.type'],
  ],
  'diagnostic-report': [
    ['the conclusion in words', (r) => (r.conclusion = NAME), 'element conclusion'],
    ['the document', (r) => (r.presentedForm = [{ data: 'aGVsbG8=' }]), 'element presentedForm'],
    ['an image', (r) => (r.media = [{ link: { reference: 'Media/x' } }]), 'element media'],
    ['who wrote it', (r) => (r.resultsInterpreter = [{ display: NAME }]), 'element resultsInterpreter'],
    ['a code in words', (r) => (r.conclusionCode[0] = { text: NAME }), 'element conclusionCode[0].text'],
    ['a result of another type', (r) => (r.result[0] = r.subject), 'reference result[0]'],
    ["the hospital's result", (r) => (r.result[0] = { reference: 'Observation/ya-o-1' }), 'text result[0].reference'],
    ['no subject', (r) => delete r.subject, 'missing subject'],
  ],
  provenance: [
    [
      'the source by its id',
      (r) => (r.entity[0].what.reference = 'Condition/ya-c-1'),
      'element entity[0].what.reference',
    ],
    [
      'the source by its identifier',
      (r) => (r.entity[0].what.identifier = { value: HOSPITAL_ID }),
      'element entity[0].what.identifier',
    ],
    ['the source by its name', (r) => (r.entity[0].what.display = NAME), 'element entity[0].what.display'],
    [
      'a hash that is none',
      (r) => (r.entity[0].what.extension[0].valueString = HOSPITAL_ID),
      'text entity[0].what.extension[0].value.ofType(string)',
    ],
    ['no hash', (r) => delete r.entity[0].what.extension, 'missing entity[0].what.extension'],
    ['a type that is none', (r) => (r.entity[0].what.type = 'ZhangSan'), 'text entity[0].what.type'],
    ['a person as agent', (r) => (r.agent[0].who = { reference: 'Practitioner/x' }), 'element agent[0].who.reference'],
    ['an agent with a name', (r) => (r.agent[0].who.display = NAME), 'element agent[0].who.display'],
    [
      "the hospital's identifier as agent",
      (r) => (r.agent[0].who.identifier.value = HOSPITAL_ID),
      'text agent[0].who.identifier.value',
    ],
    ['on behalf of somebody', (r) => (r.agent[0].onBehalfOf = { display: NAME }), 'element agent[0].onBehalfOf'],
    ['two agents', (r) => r.agent.push(r.agent[0]), 'repeated agent'],
    [
      'a signature',
      (r) => (r.signature = [{ type: [{ code: 'x' }], when: '2025-06-01T00:00:00Z', who: { display: NAME } }]),
      'element signature',
    ],
    ["the hospital's target", (r) => (r.target[0].reference = 'Condition/ya-c-1'), 'text target[0].reference'],
    ['a bad role', (r) => (r.entity[0].role = 'origin'), 'shape entity[0].role'],
    ['a policy', (r) => (r.policy = ['https://ya.example.cn/policy']), 'element policy'],
    ['a map named otherwise', (r) => (r.extension[0].valueString = NAME), 'text extension[0].value.ofType(string)'],
  ],
};
