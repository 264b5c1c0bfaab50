import { type Day, dayFrom } from '../fhir/time.ts';
import type { StudyFault } from '../study/fault.ts';
import { pathText } from '../study/path.ts';
import type { SourceFile } from '../study/source.ts';

type Path = readonly (string | number)[];

/** One block of a file: reads its settings by name, notes every fault with its line, and what nobody asked for. */
export class Block {
  private readonly asked = new Set<string>();
  private readonly source: SourceFile;
  private readonly faults: StudyFault[];
  private readonly path: Path;
  private readonly value: Readonly<Record<string, unknown>>;

  constructor(source: SourceFile, faults: StudyFault[], path: Path, value: unknown) {
    this.source = source;
    this.faults = faults;
    this.path = path;
    const isBlock = typeof value === 'object' && value !== null;
    if (!isBlock) this.fault([], 'give a block of settings');
    this.value = isBlock ? (value as Record<string, unknown>) : {};
  }

  fault(below: Path, message: string): void {
    const path = [...this.path, ...below];
    this.faults.push({ file: this.source.file, line: this.source.lineOf(path), path: pathText(path), message });
  }

  has(key: string): boolean {
    return this.value[key] !== undefined && this.value[key] !== null;
  }

  get(key: string): unknown {
    this.asked.add(key);
    return this.value[key];
  }

  keys(): string[] {
    return Object.keys(this.value);
  }

  below(key: string): Block {
    return new Block(this.source, this.faults, [...this.path, key], this.get(key));
  }

  /** The block at a place of the list that this is. */
  at(index: number): Block {
    return new Block(this.source, this.faults, [...this.path, index], (this.value as unknown as unknown[])[index]);
  }

  text(key: string): string {
    const value = this.get(key);
    if (typeof value === 'string' && /^\P{Cc}{1,500}$/u.test(value)) return value;
    this.fault([key], `${key} is missing: give a text of one line`);
    return '';
  }

  choice<T extends string>(key: string, choices: readonly T[]): T {
    const value = this.get(key);
    const found = choices.find((one) => one === value);
    if (found === undefined) this.fault([key], `say ${key}: one of ${choices.join(', ')}`);
    return found ?? choices[0]!;
  }

  flag(key: string): boolean {
    const value = this.get(key);
    if (typeof value !== 'boolean') this.fault([key], `say ${key}: true or false`);
    return value === true;
  }

  count(key: string, least: number, most: number, usual?: number): number {
    const value = this.get(key) ?? usual;
    if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    this.fault([key], `say ${key}: a whole number from ${least} to ${most}`);
    return least;
  }

  day(key: string): Day {
    const value = this.get(key);
    const day = typeof value === 'string' ? dayFrom(value) : null;
    if (day === null) this.fault([key], `say ${key}: a day such as "2027-12-31"`);
    return day ?? -Infinity;
  }

  /** A list of texts, each one of the known where these are given. */
  list(key: string, known: readonly string[] | null = null): string[] {
    const value = this.get(key);
    if (!Array.isArray(value)) {
      this.fault([key], `say ${key}: a list`);
      return [];
    }
    return value.flatMap((one: unknown, index) => {
      if (typeof one === 'string' && (!known || known.includes(one))) return [one];
      this.fault([key, index], known ? `there is no such thing here: known are ${known.join(', ')}` : 'give a text');
      return [];
    });
  }

  /** To be called last: what was not asked for is a mistake, since it would have no effect. */
  done(): void {
    for (const key of this.keys()) {
      if (!this.asked.has(key))
        this.fault([key], `there is no setting ${key}: known are ${[...this.asked].join(', ')}`);
    }
  }
}
