import type { MapFault } from './language.ts';
import { parseRules } from './parse-rule.ts';
import { Reader } from './reader.ts';
import type { GroupSyntax, InputSyntax, MapSyntax } from './syntax.ts';
import { SyntaxFault } from './tokens.ts';

/**
 * Reads a map written in the FHIR Mapping Language (hl7.org/fhir/R4/mapping-language.html; `///` lines as in R5).
 * Expressions are kept exactly as written. One fault at most: reading ends there.
 */
export function parseMap(file: string, text: string): MapSyntax | MapFault {
  try {
    return readMap(file, new Reader(text));
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { file, line: error.line, path: '', message: error.message };
  }
}

function readMap(file: string, reader: Reader): MapSyntax {
  const map: MapSyntax = { file, url: '', name: '', uses: [], imports: [], groups: [] };
  while (reader.peek().kind !== 'end') {
    const { line, kind, text } = reader.peek();
    if (kind === 'meta') readMeta(map, text, reader);
    else if (reader.takes('map')) {
      map.url = reader.string('the url of the map');
      reader.expect('=');
      map.name = reader.next().text;
    } else if (reader.takes('uses')) {
      const url = reader.string('the url of a type');
      const alias = reader.takes('alias') ? reader.name('the alias') : null;
      reader.expect('as');
      const mode = reader.name('the mode');
      if (!MODES.has(mode)) throw new SyntaxFault(line, `"${mode}" is no mode of a type.`);
      map.uses.push({ url, alias, line });
    } else if (reader.takes('imports')) {
      map.imports.push({ url: reader.string('the url of a map'), line });
    } else if (reader.takes('group')) {
      map.groups.push(readGroup(reader, line));
    } else if (reader.sees('conceptmap')) {
      reader.fail('ConceptMaps are files of their own');
    } else {
      reader.fail('"map", "uses", "imports" or "group" is expected here');
    }
  }
  if (!map.url) throw new SyntaxFault(1, 'The map has no url: begin with map "url" = "name".');
  if (map.groups.length === 0) throw new SyntaxFault(1, 'The map has no group.');
  return map;
}

const MODES = new Set(['source', 'target', 'queried', 'produced']);

function readMeta(map: MapSyntax, text: string, reader: Reader): void {
  const found = /^(url|name)\s*=\s*(['"])(.*)\2$/.exec(text);
  if (found?.[1] === 'url') map.url = found[3]!;
  if (found?.[1] === 'name') map.name = found[3]!;
  reader.next();
}

function readGroup(reader: Reader, line: number): GroupSyntax {
  const name = reader.name('the group');
  const inputs: InputSyntax[] = [];
  reader.expect('(');
  do inputs.push(readInput(reader));
  while (reader.takes(','));
  reader.expect(')');
  const base = reader.takes('extends') ? reader.name('the group it extends') : null;
  let forTypes = false;
  if (reader.takes('<<')) {
    const mode = reader.name('the mode');
    if (mode !== 'types' && mode !== 'type') reader.fail('<<types>> or <<type+>> is expected here');
    if (mode === 'type') reader.expect('+');
    reader.expect('>>');
    forTypes = true;
  }
  return { name, line, inputs, extends: base, forTypes, rules: parseRules(reader) };
}

function readInput(reader: Reader): InputSyntax {
  const { line } = reader.peek();
  const mode = reader.takes('source') ? 'source' : 'target';
  if (mode === 'target') reader.expect('target');
  const name = reader.name('the input');
  const type = reader.takes(':') ? reader.name('the type') : null;
  return { mode, name, type, line };
}
