/** `meta` is a `///` line, `end` stands behind the last token. */
export type TokenKind = 'name' | 'quotedName' | 'single' | 'double' | 'number' | 'date' | 'sign' | 'meta' | 'end';

export interface Token {
  kind: TokenKind;
  /** The text as written; of strings and quoted names what is inside, escapes resolved. */
  text: string;
  /** Offsets into the file: first character and the one behind the last. */
  start: number;
  end: number;
  line: number;
}

/** A place where a map cannot be read. Thrown inside the parser only. */
export class SyntaxFault extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const TOKEN =
  /(?<meta>\/\/\/[^\n]*)|(?<skip>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<broken>\/\*)|(?<name>[%$]?[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?)|(?<date>@[\dT:.+Z-]+)|(?<single>'(?:\\[\s\S]|[^'\\])*')|(?<double>"(?:\\[\s\S]|[^"\\])*")|(?<quotedName>%?`(?:\\[\s\S]|[^`\\])*`)|(?<sign>->|<<|>>|<=|>=|!=|!~|\.\.|[^\s'"`])/y;

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f' };

/** Splits a map into tokens (FHIR Mapping Language, "Grammar"); comments are left out, `///` lines are kept. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw new SyntaxFault(line, 'The quotation that begins here does not end.');
    if (groups.broken) throw new SyntaxFault(line, 'The comment that begins here does not end.');
    const [kind, found] = Object.entries(groups).find(([, value]) => value !== undefined) as [string, string];
    const end = at + found.length;
    if (kind !== 'skip') {
      tokens.push({ kind: kind as TokenKind, text: inside(kind, found, line), start: at, end, line });
    }
    line += found.split('\n').length - 1;
    at = end;
  }
  tokens.push({ kind: 'end', text: 'the end of the file', start: at, end: at, line });
  return tokens;
}

function inside(kind: string, text: string, line: number): string {
  if (kind === 'meta') return text.slice(3).trim();
  if (kind === 'quotedName') return resolved(text.replace(/^%?`|`$/g, ''), line);
  return kind === 'single' || kind === 'double' ? resolved(text.slice(1, -1), line) : text;
}

/** The escapes of FHIRPath strings. */
function resolved(text: string, line: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/[a-zA-Z0-9]/.test(code) && !(code in ESCAPES)) throw new SyntaxFault(line, `"\\${code}" is no escape.`);
    return ESCAPES[code] ?? code;
  });
}
