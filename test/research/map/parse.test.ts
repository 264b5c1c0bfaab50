import { parseMappingLanguage } from '@medplum/core';
import { parseMap } from '../../../src/research/map/parse.ts';
import type { MapSyntax, RuleSyntax } from '../../../src/research/map/syntax.ts';

/** What both readers can say of a rule. */
interface Outline {
  source: (string | undefined)[];
  targets: (string | undefined)[][];
  calls: string[][];
  rules: Outline[];
}

interface StructureMapRule {
  source?: { context?: string; element?: string; type?: string; variable?: string; listMode?: string }[];
  target?: { context?: string; element?: string; transform?: string; variable?: string }[];
  dependent?: { name?: string; variable?: string[] }[];
  rule?: StructureMapRule[];
}

function ours(rule: RuleSyntax): Outline {
  const { context, element, type, variable, listMode } = rule.source;
  return {
    source: [context, element, type, variable, listMode].map((each) => each ?? undefined),
    targets: rule.targets.map((target) =>
      [target.context, target.element, target.transform?.name, target.variable].map((each) => each ?? undefined),
    ),
    calls: rule.calls.map(({ group, variables }) => [group, ...variables]),
    rules: rule.rules.map(ours),
  };
}

function theirs(rule: StructureMapRule): Outline {
  const [source] = rule.source ?? [];
  return {
    source: [source?.context, source?.element, source?.type, source?.variable, source?.listMode],
    targets: (rule.target ?? []).map((target) => [target.context, target.element, target.transform, target.variable]),
    calls: (rule.dependent ?? []).map(({ name, variable }) => [name ?? '', ...(variable ?? [])]),
    rules: (rule.rule ?? []).map(theirs),
  };
}

function read(text: string): MapSyntax {
  const map = parseMap('x.map', text);
  if (!('groups' in map)) throw new Error(map.message);
  return map;
}

const TEXT = `// comment
map "http://x/y" = "name"
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias P as source
imports "http://x/z"
/* another
   comment */
group one(source src : P, target tgt) extends base <<types>> {
  src.name first as n where (use = 'old; -> then') -> tgt.name as t share x then two(n, t) "named";
  src.value : Quantity default "x" as v check value.exists() -> tgt.value = create('Quantity') as q, q.unit = 'a', q.value = v then {
    v.code as c -> q.code = append(c, 'x', 1), q.system = (v.where(system = ')').system & '(');
    v as w -> q.unit = true;
  };
}
group two(source a, target b) <<type+>> { a -> b.text = 'x'; }`;

describe('reading a map', () => {
  test('gives what the parser of @medplum/core gives', () => {
    const map = read(TEXT);
    const structureMap = parseMappingLanguage(TEXT) as unknown as {
      url: string;
      import: string[];
      group: {
        name: string;
        extends?: string;
        typeMode: string;
        input: { name: string }[];
        rule: StructureMapRule[];
      }[];
    };
    expect(map.url).toBe(structureMap.url);
    expect(map.imports.map(({ url }) => url)).toEqual(structureMap.import);
    expect(
      map.groups.map((group) => [
        group.name,
        group.extends ?? undefined,
        group.forTypes,
        group.inputs.map(({ name }) => name),
      ]),
    ).toEqual(
      structureMap.group.map((group) => [
        group.name,
        group.extends,
        group.typeMode !== 'none',
        group.input.map(({ name }) => name),
      ]),
    );
    expect(map.groups.map((group) => group.rules.map(ours))).toEqual(
      structureMap.group.map((group) => group.rule.map(theirs)),
    );
  });

  test('keeps expressions as they are written, share names and lines', () => {
    const [one] = read(TEXT).groups;
    const [first, second] = one!.rules;
    expect(first).toMatchObject({ line: 8, name: 'named' });
    expect(first!.source.where).toEqual({ text: "(use = 'old; -> then')", line: 8 });
    expect(first!.targets[0]!.share).toBe('x');
    expect(second!.source.check).toEqual({ text: 'value.exists()', line: 9 });
    expect(second!.rules[0]!.targets[1]!.transform!.parameters).toEqual([
      { kind: 'expression', expression: { text: "v.where(system = ')').system & '('", line: 10 } },
    ]);
  });

  test('knows metadata lines, several groups after then, and expressions in steps called where', () => {
    const map = read(`/// url = 'http://x/meta'
/// name = "meta"
group g(source s, target t) {
  s as a where a.name.where(use = 'x').exists() log(a.name) -> t as b then g(a, b), h(a, b) { a -> b; } "r";
}`);
    const [rule] = map.groups[0]!.rules;
    expect(map).toMatchObject({ url: 'http://x/meta', name: 'meta' });
    expect(rule!.source.where!.text).toBe("a.name.where(use = 'x').exists()");
    expect(rule!.calls.map(({ group }) => group)).toEqual(['g', 'h']);
    expect(rule!.rules).toHaveLength(1);
  });

  test('resolves escapes in strings', () => {
    const [group] = read("map 'u' = 'n' group g(source s, target t) { s -> t.a = 'it\\'s \\u4e2d\\n'; }").groups;
    expect(group!.rules[0]!.targets[0]!.transform!.parameters).toEqual([
      { kind: 'literal', literal: { value: "it's 中\n", type: 'string', line: 1 } },
    ]);
    expect(parseMap('x.map', "map 'u' = 'n\\q'")).toEqual({
      file: 'x.map',
      line: 1,
      path: '',
      message: '"\\q" is no escape.',
    });
  });
});
