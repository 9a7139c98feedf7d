/** The text format of Prometheus, read strictly. @module */

/** A metric as it was shown. */
export interface ShownMetric {
  readonly type: string;
  readonly help: string;
  /** Values by name and labels as they are written, e.g. `perch_readers{transport="sse"}`. */
  readonly samples: ReadonlyMap<string, number>;
}

const HELP = /^# HELP ([a-z][a-z0-9_]*) (\S.*)$/;
const TYPE = /^# TYPE ([a-z][a-z0-9_]*) (counter|gauge|histogram)$/;
const SAMPLE = /^(([a-z][a-z0-9_]*)(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*")(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})?) (\S+)$/;

/**
 * All metrics by name.
 *
 * @throws {Error} Where a line is none of the format, a sample comes without its metric or twice, or is no number.
 */
export function parseMetrics(text: string): ReadonlyMap<string, ShownMetric> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end");
  const metrics = new Map<string, ShownMetric & { readonly samples: Map<string, number> }>();
  const helps = new Map<string, string>();
  let current = "";
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [, helped = "", help = ""] = HELP.exec(line) ?? [];
    const [, typed = "", type = ""] = TYPE.exec(line) ?? [];
    if (helped !== "") {
      helps.set(helped, help);
    } else if (typed !== "") {
      if (metrics.has(typed) || !helps.has(typed)) throw new Error(`${typed} comes twice, or without help`);
      metrics.set(typed, { type, help: helps.get(typed) ?? "", samples: new Map() });
      current = typed;
    } else {
      addSample(metrics.get(current)?.samples, current, line);
    }
  }
  return metrics;
}

function addSample(samples: Map<string, number> | undefined, metric: string, line: string): void {
  const [, sample = "", name = "", value = ""] = SAMPLE.exec(line) ?? [];
  const isOwn = name === metric || name.replace(/_(?:bucket|sum|count)$/, "") === metric;
  if (sample === "" || !isOwn || samples === undefined) throw new Error(`Not a sample of ${metric}: ${line}`);
  if (samples.has(sample) || !Number.isFinite(Number(value))) throw new Error(`Twice, or no number: ${line}`);
  samples.set(sample, Number(value));
}

/** The value of a sample; undefined when it is not shown. */
export function valueOf(metrics: ReadonlyMap<string, ShownMetric>, sample: string): number | undefined {
  const name = sample.replace(/\{.*$/, "");
  const metric = metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, ""));
  return metric?.samples.get(sample);
}
