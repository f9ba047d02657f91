/** Which bytes of our own source have run, as V8 counts blocks. */
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector';

export class Coverage {
  readonly #session = new Session();
  /** By function: a mark for each of its bytes. */
  readonly #ran = new Map<string, Uint8Array>();
  /** The same for the last probe. */
  #probed: readonly (readonly [string, Uint8Array])[] = [];

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many bytes of the source have run. */
  get bytes(): number {
    let total = 0;
    for (const marks of this.#ran.values()) {
      total += marks.reduce((sum, mark) => sum + mark, 0);
    }
    return total;
  }

  /** Whether something runs that has never run; {@link absorb} remembers it. */
  reachesNew(run: () => void): boolean {
    this.#take();
    run();
    this.#probed = this.#take();
    return this.#probed.some(([key, marks]) => {
      const before = this.#ran.get(key);
      return marks.some((mark, at) => mark > (before?.[at] ?? 0));
    });
  }

  /** What the last probe ran is no longer new. */
  absorb(): void {
    for (const [key, marks] of this.#probed) {
      const before = this.#ran.get(key);
      this.#ran.set(
        key,
        before === undefined ? marks : before.map((mark, at) => mark | (marks[at] ?? 0)),
      );
    }
  }

  close(): void {
    this.#session.disconnect();
  }

  /** What has run since the last call. A session with its own thread answers before it returns. */
  #take(): readonly (readonly [string, Uint8Array])[] {
    const taken: (readonly [string, Uint8Array])[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) {
        throw error;
      }
      for (const { url, functions } of answer.result.filter(isDecoder)) {
        for (const { ranges } of functions) {
          const [whole] = ranges;
          if (whole !== undefined && whole.count > 0) {
            taken.push([`${url}:${String(whole.startOffset)}`, marksOf(ranges, whole)]);
          }
        }
      }
    });
    return taken;
  }
}

/** Inner blocks come after those around them. */
function marksOf(
  ranges: readonly Profiler.CoverageRange[],
  { startOffset: start, endOffset: end }: Profiler.CoverageRange,
): Uint8Array {
  const marks = new Uint8Array(end - start);
  for (const { startOffset, endOffset, count } of ranges) {
    marks.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
  }
  return marks;
}

function isDecoder({ url }: Profiler.ScriptCoverage): boolean {
  return /\/src\/(?:wire|core|base)\//u.test(url);
}
