import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Values of labels: codes, templates and ids of ours. Never a path, an id of a hospital or a name. */
export type Labels<Name extends string> = Readonly<Record<Name, string>>;

export interface Count<Name extends string> {
  add(labels: Labels<Name>, by?: number): void;
}

export interface Measure<Name extends string> {
  observe(labels: Labels<Name>, value: number): void;
}

export interface Level<Name extends string> {
  set(labels: Labels<Name>, value: number): void;
}

/** Makers of metrics. Names are without the prefix `study_gateway_`; each name may be made once. */
export interface Metrics {
  /** @param name ends in `_total` */
  counter<Name extends string = never>(name: string, help: string, labels?: readonly Name[]): Count<Name>;
  gauge<Name extends string = never>(name: string, help: string, labels?: readonly Name[]): Level<Name>;
  /** A gauge that is asked when somebody looks. */
  asked(name: string, help: string, ask: () => number): void;
  /** @param buckets upper bounds, rising */
  histogram<Name extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly Name[],
  ): Measure<Name>;
  /** Everything, in the text format of Prometheus. */
  text(): Promise<string>;
  contentType: string;
}

const PREFIX = 'study_gateway_';

/** Metrics in a registry of their own, with no labels but those that are given: no host name, no process id. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const about = <Name extends string>(name: string, help: string, labels: readonly Name[] = []) => {
    return { name: PREFIX + name, help, labelNames: [...labels], registers };
  };
  return {
    counter(name, help, labels) {
      const counter = new Counter(about(name, help, labels));
      return { add: (values, by = 1) => counter.inc(values, by) };
    },
    gauge(name, help, labels) {
      const gauge = new Gauge(about(name, help, labels));
      return { set: (values, value) => gauge.set(values, value) };
    },
    asked(name, help, ask) {
      new Gauge({
        ...about(name, help),
        collect() {
          this.set(ask());
        },
      });
    },
    histogram(name, help, buckets, labels) {
      const histogram = new Histogram({ ...about(name, help, labels), buckets: [...buckets] });
      return { observe: (values, value) => histogram.observe(values, value) };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
