import { loadMaps } from '../../../src/research/map/load.ts';
import { faultsOf, LANGUAGE, mapText } from './load-map.ts';

/** Rules stand from line 5 on. Each of these is refused with this path and text, and nothing else is. */
const OBSERVATION: [what: string, rules: string, line: number, path: string, message: string][] = [
  [
    'an unknown source element',
    'src.statuss -> tgt.status;',
    5,
    'start > src.statuss',
    'R4 has no element "statuss" in Observation',
  ],
  [
    'an unknown target element',
    'src.status -> tgt.statuss;',
    5,
    'start > src.status',
    'R4 has no element "statuss" in Observation',
  ],
  [
    'a choice element by its JSON name',
    'src.valueQuantity as v -> tgt.value = v;',
    5,
    'start > src.valueQuantity',
    'R4 has no element "valueQuantity" in Observation',
  ],
  [
    'a type a choice has not',
    'src.value : Money as v -> tgt.value = v;',
    5,
    'start > src.value',
    'Observation.value is never a Money',
  ],
  [
    'a created type an element has not',
    "src -> tgt.value = create('Money') as m, m.value = 1;",
    5,
    'start > src',
    'Observation.value is never a Money',
  ],
  [
    'a choice that is created without type',
    'src -> tgt.value as v, v.value = 1;',
    5,
    'start > src',
    "Observation.value may have several types: write create('Type')",
  ],
  [
    'an unknown source variable',
    'obs.status -> tgt.status;',
    5,
    'start > obs.status',
    'there is no source variable "obs"',
  ],
  ['a target as a source', 'tgt.status -> tgt.status;', 5, 'start > tgt.status', '"tgt" is a target, not a source'],
  [
    'an unknown target variable',
    'src.status -> obs.status;',
    5,
    'start > src.status',
    'there is no target variable "obs"',
  ],
  ['a source as a target', 'src.status -> src.status;', 5, 'start > src.status', '"src" is a source, not a target'],
  ['an unknown parameter', 'src -> tgt.status = v "x";', 5, 'start > x', 'there is no variable "v"'],
  [
    'a target as a value',
    'src -> tgt.code as c, tgt.code = c;',
    5,
    'start > src',
    'copy takes a value or a source variable',
  ],
  [
    'an unknown group',
    'src as s -> tgt as t then Other(s, t);',
    5,
    'start > src',
    'there is no group "Other" here or in what is imported',
  ],
  [
    'a variable of an inner rule outside',
    'src.code as c then { c.text as t then { }; };\nc.text -> tgt.language;',
    6,
    'start > c.text',
    'there is no source variable "c"',
  ],
  [
    'the wrong type',
    'src.code as c then { c.text as t -> tgt.effective = t; };',
    5,
    'start > c.text',
    'a value of type string cannot stand in Observation.effective (dateTime, Period, Timing, instant); use create or cast',
  ],
  [
    'a literal of the wrong type',
    "src -> tgt.effective = 'yesterday';",
    5,
    'start > src',
    '"yesterday" cannot stand in Observation.effective',
  ],
  [
    'a code with a space at its end',
    "src -> tgt.status = 'final ';",
    5,
    'start > src',
    '"final " cannot stand in Observation.status (code)',
  ],
  [
    'a dateTime as a date',
    'src.issued as i -> tgt.note as n, n.time = i, n.text = i;',
    5,
    'start > src.issued',
    'a value of type instant cannot stand in Annotation.text (markdown)',
  ],
  [
    'uuid',
    'src -> tgt.id = uuid();',
    5,
    'start > src',
    'the transform uuid is not supported: a new one each time: the record could not be rebuilt',
  ],
  [
    'dateOp',
    'src.issued as i -> tgt.issued = dateOp(i);',
    5,
    'start > src.issued',
    'the transform dateOp is not supported',
  ],
  [
    'escape',
    'src.status as i -> tgt.status = escape(i);',
    5,
    'start > src.status',
    'the transform escape is not supported',
  ],
  ['pointer', 'src as i -> tgt.status = pointer(i);', 5, 'start > src', 'the transform pointer is not supported'],
  [
    'an unknown transform',
    'src.status as i -> tgt.status = trim(i);',
    5,
    'start > src.status',
    'the transform trim is not supported',
  ],
  [
    'what objects inherit as a transform',
    'src.status as i -> tgt.status = constructor(i);',
    5,
    'start > src.status',
    'the transform constructor is not supported',
  ],
  [
    'too few parameters',
    "src.code as c -> tgt.code = translate(c, 'labs');",
    5,
    'start > src.code',
    "translate takes a variable, the ConceptMap and 'code', 'Coding' or 'CodeableConcept', not 2 parameters",
  ],
  [
    'too many parameters',
    'src.status as s -> tgt.status = truncate(s, 1, 2);',
    5,
    'start > src.status',
    'truncate takes a value and a length, not 3 parameters',
  ],
  [
    'an unknown ConceptMap',
    "src.code as c -> tgt.code = translate(c, 'other', 'CodeableConcept');",
    5,
    'start > src.code',
    'there is no ConceptMap "other"',
  ],
  [
    'an unknown ValueSet',
    "src.code as c where memberOf('other') -> tgt.code = c;",
    5,
    'start > src.code',
    'there is no ValueSet "other"',
  ],
  [
    'an unknown kind of pseudonym',
    "src.subject as s -> tgt.subject as r, r.reference = pseudonym(s, 'person');",
    5,
    'start > src.subject',
    'the kinds of pseudonyms are patient, subject, observation',
  ],
  [
    'a pseudonym of another type',
    "src -> tgt.id = pseudonym(src, 'patient');",
    5,
    'start > src',
    'pseudonym "patient" is of ids of Patient, not of Observation',
  ],
  [
    'a pseudonym of another type in an expression',
    "src -> tgt.id = (src.id.pseudonym('patient'));",
    5,
    'start > src',
    "pseudonym('patient') is of ids of Patient, not of Observation",
  ],
  [
    'a pseudonym of a text',
    "src.status as s -> tgt.id = pseudonym(s, 'patient');",
    5,
    'start > src.status',
    'pseudonym takes a resource, its id, a Reference or Reference.reference',
  ],
  [
    'a cast to an unknown type',
    "src.status as s -> tgt.status = cast(s, 'Coding');",
    5,
    'start > src.status',
    'cast knows the types string',
  ],
  [
    'an odd truncation of a date',
    'src.issued as i -> tgt.note as n, n.time = truncate(i, 5);',
    5,
    'start > src.issued',
    'a date is truncated to 4 (year), 7 (month) or 10 (day) characters',
  ],
  [
    'qty with three parameters',
    "src.value : integer as v -> tgt.value = qty(v, 'a', 'b');",
    5,
    'start > src.value',
    'qty takes value and unit, or value, unit, system and code',
  ],
  [
    'c with a wrong part',
    'src.value : integer as v -> tgt.interpretation as i, i.coding = c(v, "x");',
    5,
    'start > src.value',
    '"system" of a Coding is of type uri',
  ],
  [
    'what is created without a name',
    'src.status as s -> tgt.code;',
    5,
    'start > src.status',
    'what is created needs a name ("as x") to be filled, or "= value"',
  ],
  [
    'a default of another type',
    "src.issued default 'x' as i -> tgt.issued = i;",
    5,
    'start > src.issued',
    'the default is no value of Observation.issued',
  ],
  [
    'a condition that is none',
    'src.code as c where text -> tgt.code = c;',
    5,
    'start > src.code',
    '"text" must say true or false',
  ],
];

const EXPRESSIONS: [what: string, rules: string, message: string][] = [
  [
    'an unknown element',
    "src.code as c where texts = 'a' -> tgt.code = c;",
    'R4 has no element "texts" in CodeableConcept',
  ],
  ['an unknown variable', 'src -> tgt.language = (%other.text);', 'there is no variable %other'],
  ['a bare unknown name', 'src -> tgt.language = (other.text);', 'there is no variable "other"'],
  ['a target', 'src -> tgt.language = (tgt.status);', '%tgt is a target: only sources are read'],
  [
    'an ambiguous name',
    "src.code as text where text = 'a' -> tgt.code = text;",
    '"text" is a variable and an element: write %text or $this.text',
  ],
  [
    'an unknown function',
    'src.code as c where text.foo() -> tgt.code = c;',
    'the function foo() is not part of the language of maps',
  ],
  [
    'what objects inherit as a function',
    'src.code as c where text.valueOf() -> tgt.code = c;',
    'the function valueOf() is not part of the language of maps',
  ],
  ['now', 'src -> tgt.issued = (now());', 'now() is not part of the language of maps: it depends on the machine'],
  [
    'resolve',
    'src -> tgt.language = (src.subject.resolve());',
    'resolve() is not part of the language of maps: a map sees one resource only',
  ],
  [
    'trace',
    "src -> tgt.language = (src.code.text.trace('x'));",
    'trace() is not part of the language of maps: it prints patient data',
  ],
  [
    'iif',
    "src -> tgt.language = (iif(true, 'a', 'b'));",
    'iif() is not part of the language of maps: an empty condition takes the second branch',
  ],
  [
    'descendants',
    'src -> tgt.language = (src.descendants().text);',
    'descendants() is not part of the language of maps: the elements must be named',
  ],
  [
    'date arithmetic',
    'src.effective : dateTime as d -> tgt.effective = (%d + 5 days);',
    'times and quantities are not part of the language of maps',
  ],
  [
    'a comparison of times',
    'src.effective : dateTime as d where $this > src.issued -> tgt.effective = d;',
    'only numbers may be compared with < and >',
  ],
  [
    'equal times',
    "src.effective : dateTime as d where $this = '2024' -> tgt.effective = d;",
    'times and quantities may not be compared',
  ],
  ['several types', 'src -> tgt.value = (src.value);', 'it must give one type, use ofType(…)'],
  [
    'a type operator',
    'src.value : string as v where (v is string) -> tgt.value = v;',
    '"TypeExpression" is not part of the language of maps',
  ],
  [
    'what cannot be read',
    'src.code as c where text = -> tgt.code = c;',
    'the FHIRPath expression "text =" cannot be read',
  ],
];

describe('refused when loaded', () => {
  test.each(OBSERVATION)('%s', (_, rules, line, path, message) => {
    const faults = faultsOf(mapText('Observation', 'Observation', rules));
    expect(faults).toEqual([{ file: '0.map', line, path, message: expect.stringContaining(message) }]);
  });

  test.each(EXPRESSIONS)('in an expression: %s', (_, rules, message) => {
    const faults = faultsOf(mapText('Observation', 'Observation', `\n${rules}`));
    expect(faults).toEqual([
      { file: '0.map', line: 6, path: expect.any(String), message: expect.stringContaining(message) },
    ]);
  });

  test('a fault within an expression of several lines has its own line', () => {
    const rules = "src.code as c where (text = 'a'\n  and texts = 'b') -> tgt.code = c;";
    expect(faultsOf(mapText('Observation', 'Observation', rules)).map(({ line }) => line)).toEqual([6]);
  });
});

describe('what could name a person', () => {
  test.each([
    ['Patient', 'src.name -> tgt.name;', 'type HumanName may not be copied whole'],
    ['Patient', 'src.address as a -> tgt.address = a;', 'type Address may not be copied whole'],
    ['Patient', 'src.telecom -> tgt.telecom;', 'type ContactPoint may not be copied whole'],
    ['Patient', 'src.identifier -> tgt.identifier;', 'type Identifier may not be copied whole'],
    ['Patient', 'src.photo -> tgt.photo;', 'type Attachment may not be copied whole'],
    ['Patient', 'src.text -> tgt.text;', 'type Narrative may not be copied whole'],
    ['Patient', 'src.extension -> tgt.extension;', 'type Extension may not be copied whole'],
    ['Patient', 'src.contact -> tgt.contact;', 'type Patient.contact may not be copied whole'],
    ['Patient', 'src.managingOrganization -> tgt.managingOrganization;', 'type Reference may not be copied whole'],
    ['Patient', 'src.contained -> tgt.contained;', 'type Resource may not be copied whole'],
    ['Patient', 'src.meta -> tgt.meta;', 'type Meta may not be copied whole'],
    ['Observation', 'src.note -> tgt.note;', 'type Annotation may not be copied whole'],
    ['Patient', 'src -> tgt.name = (src.name);', 'type HumanName may not be copied whole'],
    ['Patient', 'src.id -> tgt.id;', 'an id or reference of the hospital may not be copied: use pseudonym'],
    ['Patient', 'src.id as i -> tgt.language = i;', 'an id or reference of the hospital may not be copied'],
    [
      'Patient',
      "src.id as i -> tgt.language = append('x', i);",
      'an id or reference of the hospital may not be given on',
    ],
    ['Patient', 'src -> tgt.language = (src.id);', 'an id or reference of the hospital may not be given on'],
    ['Patient', "src -> tgt.language = ('x' & src.id);", 'an id or reference of the hospital may not be given on'],
    [
      'Patient',
      'src -> tgt.language = (src.id.substring(1));',
      'an id or reference of the hospital may not be given on',
    ],
    [
      'Patient',
      'src.id as i -> tgt.language = evaluate(i, $this);',
      'an id or reference of the hospital may not be given on',
    ],
    [
      'Patient',
      'src.id as i -> tgt.language = truncate(i, 3);',
      'an id or reference of the hospital may not be given on',
    ],
    [
      'Patient',
      "src.id as i -> tgt.language = cast(i, 'string');",
      'an id or reference of the hospital may not be given on',
    ],
    [
      'Patient',
      "src.id as i -> tgt.identifier = id('s', i);",
      'an id or reference of the hospital may not be given on',
    ],
    [
      'Patient',
      "src.id as i -> tgt.language = translate(i, 'labs', 'code');",
      'translate takes a variable of type code, Coding or',
    ],
    ['Patient', 'src -> tgt.language = (src.select(id));', 'an id or reference of the hospital may not be given on'],
    [
      'Patient',
      'src -> tgt.language = (src.managingOrganization.reference.first());',
      'an id or reference of the hospital',
    ],
    [
      'Patient',
      'src.managingOrganization as m then { m.reference -> tgt.language; };',
      'an id or reference of the hospital',
    ],
    [
      'Patient',
      'src -> tgt.link as l, l.other as o, o.reference = reference(src);',
      "a reference to a source would give on the hospital's id",
    ],
  ])('%s: %s', (type, rules, message) => {
    const faults = faultsOf(mapText(type, type, rules));
    expect(faults).toEqual([
      { file: '0.map', line: 5, path: expect.any(String), message: expect.stringContaining(message) },
    ]);
  });

  test('an extension value of any type is narrowed first, and says so once', () => {
    const rules = (narrow: string) =>
      `src.extension as e -> tgt.extension as t then { e.value${narrow} as v -> t.value = v; };`;
    expect(faultsOf(mapText('Patient', 'Patient', rules('')))).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/may not be copied whole.*narrow it to "e\.value : Type"/),
      }),
    ]);
    expect(faultsOf(mapText('Patient', 'Patient', rules(' : code')))).toEqual([]);
    expect(faultsOf(mapText('Patient', 'Patient', rules(' : HumanName')))).toHaveLength(1);
  });
});

describe('groups', () => {
  const group = (text: string) =>
    faultsOf(mapText('Patient', 'Patient', text)).map(({ line, path, message }) => `${line} ${path}: ${message}`);

  test.each([
    [
      'src as s -> tgt as t then G(s);\n}\ngroup G(source s, target t) {',
      '5 start > src: the group G takes 2 variables, not 1',
    ],
    [
      'src as s -> tgt as t then G(t, s);\n}\ngroup G(source s, target t) {',
      '5 start > src: there is no source variable "t"',
    ],
    [
      'src.name as s -> tgt as t then G(s, t);\n}\ngroup G(source s : Address, target t) {',
      '5 start > src.name: the group G takes a Address as "s", not a HumanName',
    ],
    ['}\ngroup G(source s : Adress, target t) {', '6 G: R4 has no type "Adress"'],
    ['}\ngroup G(source s, target s) {', '6 G: two inputs have the same name'],
    ['}\ngroup start(source s, target t) {', '6 start: there are two groups of this name'],
    [
      '}\ngroup G(source s : HumanName, target t : HumanName) {\n s.famly -> t.family;',
      '7 G > s.famly: R4 has no element "famly" in HumanName',
    ],
    [
      'src as s -> tgt as t then G(s, t);\n}\ngroup G(source s, target t) extends H {',
      '7 G: there is no group "H" here or in what is imported',
    ],
  ])('%j', (text, expected) => {
    expect(group(text)).toEqual([expected]);
  });

  test.each([
    [
      'by itself',
      'src as s -> tgt as t then start(s, t);',
      '5 start > src: the group start calls itself without going deeper into the source',
    ],
    [
      'through another',
      'src as s -> tgt as t then G(s, t);\n}\ngroup G(source s, target t) {\n s -> t as u then start(s, u);',
      '8 G > s: the group start calls itself',
    ],
    [
      'through the value of a primitive',
      'src.gender as g -> tgt as t then G(g, t);\n}\ngroup G(source s, target t) {\n s.value as v then G(v, t);',
      '8 G > s.value: the group G calls itself',
    ],
    [
      'by extending itself',
      'src as s -> tgt as t then G(s, t);\n}\ngroup G(source s, target t) extends G {',
      '7 G: the group G calls itself',
    ],
    ['without a source', 'src -> tgt as t then G(t);\n}\ngroup G(target t) {\n}\ngroup H(target t) {', ''],
  ])('recursion that consumes nothing: %s', (_, text, expected) => {
    const faults = group(text);
    expect(faults).toHaveLength(expected ? 1 : 0);
    expect(faults[0] ?? '').toContain(expected);
  });
});

describe('maps', () => {
  const faults = (text: string) => faultsOf(text).map(({ line, message }) => `${line} ${message}`);

  test.each([
    [
      'uses "http://hl7.org/fhir/StructureDefinition/Patientt" alias P as source',
      '2 R4 has no type "http://hl7.org/fhir/StructureDefinition/Patientt"',
    ],
    [
      'uses "http://hl7.org/fhir/3.0/StructureDefinition/Patient" alias P as source',
      '2 R4 has no type "http://hl7.org/fhir/3.0/StructureDefinition/Patient"',
    ],
    ['imports "https://study.example/*"', '2 imports name one map each, without "*"'],
    ['imports "https://study.example/other"', '2 the map "https://study.example/other" is not loaded'],
  ])('%s', (head, expected) => {
    expect(faults(`map "u" = "n"\n${head}\ngroup G(source s, target t) { }`)).toEqual([expected]);
  });

  test.each([
    ['group G(source s, target t) { }', '1 The map has no url: begin with map "url" = "name".'],
    ['map "u" = "n"', '1 The map has no group.'],
    [
      'map "u" = "n"\ngroup G(source s) { s.a.b as c; }',
      '2 The map cannot be read: a rule goes one element deep: nest the next one in "then { … }", not ".".',
    ],
    ['map "u" = "n"\ngroup G(source s) { s as a, s as b; }', '2 The map cannot be read: a rule has one source'],
    [
      'map "u" = "n"\ngroup G(source s) { s.a as a }',
      '2 The map cannot be read: the name of the rule, or ";", is expected here in quotes, not "}".',
    ],
    [
      'map "u" = "n"\ngroup G(source s, target t) { s -> t.a = s.b; }',
      '2 The map cannot be read: write a FHIRPath expression in parentheses',
    ],
    [
      'map "u" = "n"\ngroup G(source s, target t) { s -> t.a as b first; }',
      '2 The map cannot be read: of the list modes of targets only "share name" and "collate" are supported',
    ],
    [
      'map "u" = "n"\ngroup G(source s, target t) { s -> t.a : Quantity as b; }',
      "2 The map cannot be read: targets are typed by create('Type')",
    ],
    [
      'map "u" = "n"\ngroup G(source s, target t) { s.a 0..1 as b; }',
      '2 The map cannot be read: cardinalities are not supported: use only_one or check',
    ],
    ['map "u" = "n"\n/* never ends', '2 The comment that begins here does not end.'],
    ['map "u" = "n', '1 The quotation that begins here does not end.'],
    ['map "u" = "n"\nconceptmap "c" { }', '2 The map cannot be read: ConceptMaps are files of their own'],
    ['{"resourceType":"StructureMap"}', '1 The map cannot be read'],
  ])('%s', (text, expected) => {
    const [first, ...others] = faults(text);
    expect(first).toContain(expected);
    expect(others).toEqual([]);
  });

  test('of one url there is one', () => {
    const text = mapText('Patient', 'Patient', '');
    expect(faultsOf(text, text)).toEqual([
      { file: '1.map', line: 1, path: '', message: 'another file has the map "https://study.example/map/test"' },
    ]);
  });

  test('a group of two imported maps is ambiguous', () => {
    const other = (name: string) => `map "${name}" = "n"\ngroup G(source s, target t) { }`;
    const text = mapText('Patient', 'Patient', 'src as s -> tgt as t then G(s, t);').replace(
      'group',
      'imports "a" imports "b" group',
    );
    expect(faultsOf(text, other('a'), other('b'))).toEqual([
      { file: '0.map', line: 5, path: 'start > src', message: 'several imported maps have a group "G"' },
    ]);
  });

  test('faults of an imported group are reported where they stand', () => {
    const imported = 'map "a" = "n"\ngroup G(source s, target t) {\n s.nothing -> t.nothing; }';
    const text = mapText('Patient', 'Patient', 'src as s -> tgt as t then G(s, t);').replace(
      'group',
      'imports "a" group',
    );
    const result = loadMaps(
      [
        { file: 'x.map', text },
        { file: 'y.map', text: imported },
      ],
      LANGUAGE,
    );
    expect(result).toEqual({
      ok: false,
      faults: [{ file: 'y.map', line: 3, path: 'G > s.nothing', message: 'R4 has no element "nothing" in Patient' }],
    });
  });
});
