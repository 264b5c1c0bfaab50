/** Texts that have broken programs. Each holds the mark, so that an answer that repeats one is noticed. */
export const MARK = 'zq7Q';

const long = (length: number) => MARK.repeat(Math.ceil(length / MARK.length)).slice(0, length);

export const NAUGHTY: Readonly<Record<string, string>> = {
  NUL: `${MARK}\0`,
  'control characters': `${MARK}\u0001\u0008\u001b[31m`,
  'delete and C1 controls': `${MARK}\u007f\u0085\u009b`,
  'half a character': `${MARK}\ud83d`,
  'the other half': `\udc00${MARK}`,
  nothing: '',
  'white space': ' \t\r\n ',
  'white space around': ` ${MARK} `,
  'no-break and full-width space': `${MARK}\u00a0\u3000${MARK}`,
  'line breaks and a header': `${MARK}\r\nSet-Cookie: ${MARK}=1\r\n\r\n<html>`,
  'line separators': `${MARK}\u2028\u2029`,
  'right to left': `${MARK}\u202e\u2066עברית العربية\u2069`,
  'zero width': `${MARK}\u200b\u200d\ufeff`,
  emoji: `${MARK}👩‍👩‍👧‍👦🏳️‍🌈`,
  'combining marks': `${MARK}${'\u0301'.repeat(200)}`,
  'rare characters': `${MARK}𠮷𡃁㐂`,
  noncharacters: `${MARK}\ufffe\uffff`,
  SQL: `${MARK}'; DROP TABLE hospital_record; --`,
  'SQL union': `${MARK}" UNION SELECT body FROM study_subject --`,
  'a path upwards': `../../../../etc/passwd#${MARK}`,
  'a percent-encoded path': `%2e%2e%2f${MARK}%00`,
  'a format': `%s%n%x{0}\${${MARK}}{{7*7}}#{7*7}`,
  'a shell': `${MARK}; $(reboot) \`reboot\` | cat`,
  'a script': `<script>alert("${MARK}")</script>`,
  __proto__: `__proto__`,
  constructor: `constructor`,
  'a number': `1e999`,
  'a lookup': `\${jndi:ldap://x.example/${MARK}}`,
  'a file': `file:///etc/${MARK}`,
  'very long': long(70_000),
  'longer than FHIR allows': long(1024 * 1024 + 1),
};

/** What an element holds, by its R4 definition. `choice` is a code of a required binding. */
export type Kind =
  | 'resourceType'
  | 'id'
  | 'string'
  | 'uri'
  | 'code'
  | 'choice'
  | 'time'
  | 'reference'
  | 'person'
  | 'xhtml';

/**
 * Whether R4 lets an element of a kind hold a text (datatypes.html): written apart from the program, by the regular
 * expressions and sentences of the specification.
 */
export function allows(kind: Kind, text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: R4 forbids them, but for tab, line feed and return.
  if (text === '' || /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text) || !text.isWellFormed()) return false;
  if (text.length > 1024 * 1024 && kind !== 'xhtml') return false;
  switch (kind) {
    case 'string':
    case 'xhtml':
      return true;
    case 'uri':
    case 'reference':
      return /^\S+$/.test(text);
    case 'code':
      return /^\S+(\s\S+)*$/.test(text);
    case 'id':
      return /^[A-Za-z0-9\-.]{1,64}$/.test(text);
    // None of the texts is a date, a code of the specification, or leads to a Patient.
    case 'resourceType':
    case 'choice':
    case 'time':
    case 'person':
      return false;
  }
}

const CHOICES = /(^|\.)(gender|use|status|actuality|intent|comparator|text\.status)$/;

/** The kind of an element by where it stands, for the resources tried here. */
export function kindOf(type: string, at: readonly (string | number)[]): Kind {
  const path = at.filter((step) => typeof step === 'string').join('.');
  const leaf = String(path.split('.').at(-1));
  if (path === 'resourceType') return 'resourceType';
  if (path === 'id' || path === 'meta.versionId') return 'id';
  if (path === 'text.div') return 'xhtml';
  if (path === 'telecom.system' || path === 'provision.type' || (leaf !== 'text' && CHOICES.test(path)))
    return 'choice';
  if (
    /(^|\.)(lastUpdated|birthDate|recordedDate|issued|time|date|dateTime|\w*DateTime|authoredOn|start|end)$/.test(path)
  )
    return 'time';
  if (/^(subject|patient|participant\.actor)\.reference$/.test(path)) return 'person';
  if (leaf === 'reference') return 'reference';
  if (/^(system|source|url|uri)$/.test(leaf)) return 'uri';
  if (leaf === 'code' || leaf === 'valueCode') return 'code';
  if (type === 'Patient' && leaf === 'link') return 'reference';
  return 'string';
}
