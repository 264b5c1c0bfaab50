import type { ExpressionSyntax } from './syntax.ts';
import { SyntaxFault, type Token, tokenize } from './tokens.ts';

/** Words and signs that end a FHIRPath expression which stands without parentheses. */
const ENDS = new Set(['->', ',', ';', '}', ')', 'then', 'check', 'log']);

const OPENING: Record<string, number> = { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 };

/** Walks over the tokens of a map. */
export class Reader {
  readonly text: string;
  private readonly tokens: Token[];
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the next token is this sign or word (not a string of this text). */
  sees(text: string): boolean {
    const token = this.peek();
    return token.text === text && (token.kind === 'sign' || token.kind === 'name');
  }

  /** Takes the sign or word when it is next. */
  takes(text: string): boolean {
    const found = this.sees(text);
    if (found) this.at++;
    return found;
  }

  expect(text: string): Token {
    if (!this.sees(text)) this.fail(`"${text}" is expected here`);
    return this.next();
  }

  /** A name: of a group, a variable, an element. */
  name(what: string): string {
    const token = this.peek();
    const isName = token.kind === 'quotedName' || (token.kind === 'name' && !/^[%$]/.test(token.text));
    if (!isName) this.fail(`the name of ${what} is expected here`);
    return this.next().text;
  }

  string(what: string): string {
    const { kind } = this.peek();
    if (kind !== 'single' && kind !== 'double') this.fail(`${what} is expected here in quotes`);
    return this.next().text;
  }

  /** An expression in parentheses, without them; or, where allowed, a bare one up to what must follow it. */
  expression(bare: boolean): ExpressionSyntax {
    if (!bare) {
      this.expect('(');
      const found = this.upTo((token) => token.text === ')');
      this.expect(')');
      return found;
    }
    return this.upTo((token) => ENDS.has(token.text));
  }

  /** The text up to the first token outside all brackets that ends it; a double-quoted string always does. */
  upTo(ends: (token: Token) => boolean): ExpressionSyntax {
    const first = this.peek();
    let depth = 0;
    let last = first;
    for (let token = first; ; token = this.peek()) {
      if (token.kind === 'end') this.fail('the expression does not end');
      if (depth === 0 && (token.kind === 'double' || (isPlain(token) && ends(token)))) break;
      if (token.kind === 'double') this.fail('FHIRPath writes strings in single quotes');
      if (token.kind === 'sign') depth += OPENING[token.text] ?? 0;
      last = this.next();
    }
    if (last === first && this.peek() === first) this.fail('an expression is expected here');
    return { text: this.text.slice(first.start, last.end), line: first.line };
  }

  fail(message: string): never {
    const { text, line } = this.peek();
    throw new SyntaxFault(line, `The map cannot be read: ${message}, not "${text.slice(0, 40)}".`);
  }
}

function isPlain(token: Token): boolean {
  return token.kind === 'sign' || token.kind === 'name';
}
