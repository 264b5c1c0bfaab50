/**
 * The same function, with its answers remembered: for what is asked for endlessly and takes long to find out.
 * @param most answers remembered before the memory starts anew
 */
export function remembered<K, V extends string | number | null>(find: (key: K) => V, most: number): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = find(key);
    if (known.size >= most) known.clear();
    known.set(key, found);
    return found;
  };
}
