/** `Patient.link` of type replaced-by: `from` must no longer be used, `to` stands in its place (ids of one site). */
export interface ReplacedBy {
  from: string;
  to: string;
}

/** All Patient ids that are one person, as far as the links say. */
export interface Cluster {
  survivor: string;
  /** The survivor among them, in code-unit order. */
  members: string[];
  /** The links run in a circle; the smallest id of the circle was made the survivor. */
  cyclic: boolean;
}

export interface Clusters {
  of(patient: string): Cluster;
}

/**
 * An id leads to one other at most. With several targets the smallest counts: two records that no link joins are not
 * made one person because a third names both. A link to itself leads nowhere, and is a circle when it is the only one.
 */
function targetsOf(links: readonly ReplacedBy[]): Map<string, string> {
  const targets = new Map<string, string>();
  for (const { from, to } of links) {
    const known = targets.get(from);
    if (known === undefined || known === from || (to !== from && to < known)) targets.set(from, to);
  }
  return targets;
}

function sourcesOf(targets: ReadonlyMap<string, string>): Map<string, string[]> {
  const sources = new Map<string, string[]>();
  for (const [from, to] of targets) {
    const known = sources.get(to);
    if (known === undefined) sources.set(to, [from]);
    else known.push(from);
  }
  return sources;
}

function survivorOf(patient: string, targets: ReadonlyMap<string, string>): { survivor: string; cyclic: boolean } {
  const path = [patient];
  const seen = new Map([[patient, 0]]);
  for (;;) {
    const last = path.at(-1)!;
    const next = targets.get(last);
    if (next === undefined) return { survivor: last, cyclic: false };
    const start = seen.get(next);
    if (start !== undefined) {
      return { survivor: path.slice(start).sort()[0]!, cyclic: true };
    }
    seen.set(next, path.length);
    path.push(next);
  }
}

function membersOf(survivor: string, sources: ReadonlyMap<string, readonly string[]>): string[] {
  const members = new Set([survivor]);
  // A Set gives what is added while it is walked, so this reaches every chain that ends in the survivor.
  for (const member of members) for (const source of sources.get(member) ?? []) members.add(source);
  return [...members].sort();
}

/** Indexes the links of one site once, for many people. Each cluster is worked out at most once. */
export function createClusters(links: readonly ReplacedBy[]): Clusters {
  const targets = targetsOf(links);
  const sources = sourcesOf(targets);
  const known = new Map<string, Cluster>();
  return {
    of(patient) {
      const before = known.get(patient);
      if (before !== undefined) return before;
      const { survivor, cyclic } = survivorOf(patient, targets);
      const cluster: Cluster = { survivor, members: membersOf(survivor, sources), cyclic };
      for (const member of cluster.members) known.set(member, cluster);
      return cluster;
    },
  };
}

/**
 * The person a Patient id stands for: its chain of replaced-by links is followed to the end, and every other id whose
 * chain ends there belongs to the same person. Independent of the order of the links, and the same for every member.
 */
export function clusterOf(patient: string, links: readonly ReplacedBy[]): Cluster {
  return createClusters(links).of(patient);
}
