import { execute } from '../../../src/research/map/execute.ts';
import { CONTEXT, loaded, made, mapText, URL } from './load-map.ts';

const NAMES = `src.name as n -> tgt.name as t then Name(n, t);
}
group Name(source src, target tgt) {
  src.family -> tgt.family;
  src.given -> tgt.given;`;

describe('groups', () => {
  test('nest, and untyped ones take the types they are called with', () => {
    const source = { resourceType: 'Patient', name: [{ family: '张', given: ['三'], text: '张三' }, { family: 'Li' }] };
    expect(made('Patient', NAMES, source).name).toEqual([{ family: '张', given: ['三'] }, { family: 'Li' }]);
  });

  test('called twice do not share variables', () => {
    const rules = `src.contact as c -> tgt.contact as t, t.name as tn then { c.name as n then Name(n, tn); };
      ${NAMES}`;
    const source = {
      resourceType: 'Patient',
      contact: [{ name: { family: 'A' } }, { name: { family: 'B' } }],
      name: [{ family: 'C' }],
    };
    expect(made('Patient', rules, source)).toEqual({
      resourceType: 'Patient',
      contact: [{ name: { family: 'A' } }, { name: { family: 'B' } }],
      name: [{ family: 'C' }],
    });
  });

  test('two calls and rules after one another, in order', () => {
    const rules = `src as s -> tgt as t then G(s, t), H(s, t) { s.language -> t.language; };
}
group G(source s, target t) { s -> t.name as n, n.text = 'G'; }
group H(source s, target t) { s -> t.name as n, n.text = 'H';`;
    expect(JSON.stringify(made('Patient', rules, { resourceType: 'Patient', language: 'zh' }))).toBe(
      '{"resourceType":"Patient","name":[{"text":"G"},{"text":"H"}],"language":"zh"}',
    );
  });

  test('recursion into the source comes to an end', () => {
    const rules = `src as s -> tgt as t then Items(s, t);
}
group Items(source src, target tgt) {
  src.item as i -> tgt.item as t then { i.linkId -> t.linkId; i as i2 then Items(i2, t); };`;
    const item = [{ linkId: '1', item: [{ linkId: '1.1', item: [{ linkId: '1.1.1', text: 'x' }] }] }, { linkId: '2' }];
    const expected = [{ linkId: '1', item: [{ linkId: '1.1', item: [{ linkId: '1.1.1' }] }] }, { linkId: '2' }];
    const maps = loaded(mapText('QuestionnaireResponse', 'QuestionnaireResponse', rules));
    expect(execute(maps, URL, { resourceType: 'QuestionnaireResponse', item }, CONTEXT)).toEqual({
      ok: true,
      value: { resourceType: 'QuestionnaireResponse', item: expected },
      unread: ['QuestionnaireResponse.item.item.item.text'],
      unmatched: [],
    });
  });

  test('a value of a primitive is handed to a group', () => {
    const rules = `src.gender as g -> tgt.gender as t then Gender(g, t);
}
group Gender(source g, target t : code) { g as v where $this = 'male' -> t = 'female'; g as v where $this != 'male' -> t.value = v;`;
    expect(made('Patient', rules, { resourceType: 'Patient', gender: 'male' }).gender).toBe('female');
    expect(made('Patient', rules, { resourceType: 'Patient', gender: 'other' }).gender).toBe('other');
    expect(made('Patient', rules, { resourceType: 'Patient' })).toEqual({ resourceType: 'Patient' });
  });
});

describe('share and collate', () => {
  const parts = (mode: string) => `
    src.name as n -> tgt.name as t ${mode} then { n.family -> t.family; };
    src.name as n -> tgt.name as t ${mode} then { n.given -> t.given; };`;
  const source = { resourceType: 'Patient', name: [{ family: 'A', given: ['a'] }] };

  test('without them every rule makes its own', () => {
    expect(made('Patient', parts(''), source).name).toEqual([{ family: 'A' }, { given: ['a'] }]);
  });

  test('a shared one is one, per name', () => {
    expect(made('Patient', parts('share x'), source).name).toEqual([{ family: 'A', given: ['a'] }]);
    const two = parts('share x').replace('share x', 'share y');
    expect(made('Patient', two, source).name).toEqual([{ family: 'A' }, { given: ['a'] }]);
  });

  test('a shared one belongs to the part it stands in', () => {
    const rules =
      'src.contact as c -> tgt.contact as t then { c.name as n -> t.telecom as x share s then { n.text as v -> x.value = v; }; };';
    const contact = [{ name: { text: 'a' } }, { name: { text: 'b' } }];
    expect(made('Patient', rules, { resourceType: 'Patient', contact }).contact).toEqual([
      { telecom: [{ value: 'a' }] },
      { telecom: [{ value: 'b' }] },
    ]);
  });

  test('collate goes on with the first', () => {
    expect(made('Patient', parts('collate'), source).name).toEqual([{ family: 'A', given: ['a'] }]);
  });
});

describe('across groups and maps', () => {
  const IMPORTED = `map "https://study.example/map/types" = "types"
uses "http://hl7.org/fhir/StructureDefinition/HumanName" alias Name as source
group Name(source src : Name, target tgt : Name) <<types>> { src.use -> tgt.use; }
group Base(source src : Patient, target tgt : Patient) { src.gender -> tgt.gender; }
group text(source src : string, target tgt : markdown) <<type+>> { src.value as v -> tgt.value = append('> ', v); }`;

  test('a group for types takes the place of a copy, also of a datatype that may not be copied', () => {
    const map = mapText('Patient', 'Patient', 'src.name -> tgt.name;').replace(
      'group',
      'imports "https://study.example/map/types"\ngroup',
    );
    const source = { resourceType: 'Patient', name: [{ use: 'usual', text: '张三' }, { text: 'x' }] };
    expect(execute(loaded(map, IMPORTED), URL, source, CONTEXT)).toMatchObject({
      ok: true,
      value: { resourceType: 'Patient', name: [{ use: 'usual' }] },
      unread: ['Patient.name.text'],
    });
  });

  test('a group for primitive types', () => {
    const map = mapText(
      'Observation',
      'ResearchStudy',
      'src.value : string as v then { v.value -> tgt.description; };',
    ).replace('group', 'imports "https://study.example/map/types"\ngroup');
    const result = execute(loaded(map, IMPORTED), URL, { resourceType: 'Observation', valueString: 'a' }, CONTEXT);
    expect(result).toMatchObject({ ok: true, value: { description: '> a' } });
  });

  test('an extended group goes first, imported or not', () => {
    const map = mapText('Patient', 'Patient', 'src.language -> tgt.language;').replace(
      'group start(source src : From, target tgt : To)',
      'imports "https://study.example/map/types"\ngroup start(source src : From, target tgt : To) extends Base',
    );
    const result = execute(
      loaded(map, IMPORTED),
      URL,
      { resourceType: 'Patient', language: 'zh', gender: 'male' },
      CONTEXT,
    );
    expect(JSON.stringify(result)).toBe(
      '{"ok":true,"value":{"resourceType":"Patient","gender":"male","language":"zh"},"unread":[],"unmatched":[]}',
    );
  });

  test('maps that cannot be run are named', () => {
    const maps = loaded(IMPORTED, mapText('Patient', 'Patient', 'src.language -> tgt.language;'));
    const codeOf = (url: string, resourceType: string) => {
      const result = execute(maps, url, { resourceType }, CONTEXT);
      return result.ok ? 'ok' : result.refusals[0]!.code;
    };
    expect(codeOf('https://study.example/map/types', 'Patient')).toBe('map-not-executable');
    expect(codeOf('https://study.example/map/other', 'Patient')).toBe('map-unknown');
    expect(codeOf(URL, 'Observation')).toBe('source-type');
    expect(codeOf(URL, 'Patient')).toBe('ok');
  });
});
