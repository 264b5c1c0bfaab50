/**
 * Parses a JSON text that was scanned whole, and refuses objects that name a member twice: JSON leaves open which of
 * the two counts, and R4 has each element of an object once (json.html).
 * @param members how many there are in the text (JsonScan)
 * @returns null when a member is repeated
 */
export function parseUnique(text: string, members: number): { value: unknown } | null {
  const value: unknown = JSON.parse(text);
  return membersIn(value) === members ? { value } : null;
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += membersIn(item);
    return count;
  }
  for (const key of Object.keys(value)) count += 1 + membersIn((value as Record<string, unknown>)[key]);
  return count;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g;

/** Where in a JSON text (in UTF-16 units) a name stands that its object has already; null when there is none. */
export function repeatedAt(text: string): number | null {
  const open: (Set<string> | null)[] = [];
  let [name, at] = ['', 0];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') [name, at] = [token, index];
    else {
      const names = open.at(-1)!;
      const meant = JSON.parse(name) as string;
      if (names.has(meant)) return at;
      names.add(meant);
    }
  }
  return null;
}
