/** Who owns the virtual address, told by nobody but the network: the answers an observer gets, as they come. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import type { Instant, Millis } from '../../src/base/time.js';
import { between, instant, millis } from '../../src/base/time.js';
import type { LabPorts } from '../../src/lab/lab.js';
import { TENURE_PAUSE_ASKS } from '../../src/prober/ownership.js';
import { eventually } from '../../src/lab/pause.js';
import type { Site } from './site.js';
import { SWITCH } from './site.js';

const PROGRAM = resolve(import.meta.dirname, 'observer.ts');
/** Built once: to begin from its sources takes each of them a second of a processor. */
const built = resolve(import.meta.dirname, `../../dist/observer-${String(process.pid)}.js`);
const STARTS_WITHIN = millis(20_000);
const LOOK_EVERY = millis(30);
const STORY_LINES = 12;

interface Answer {
  readonly at: Instant;
  readonly mac: string;
  /** How many questions had been asked by then. */
  readonly asked: number;
}

export class LiveWatch {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  #asked = 0;
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the first question is out. */
  static async open(site: Site, every: Millis, { clock }: LabPorts): Promise<LiveWatch> {
    const { plan } = site;
    const child = spawn(
      'ip',
      [
        ...['netns', 'exec', site.namespace('lan'), process.execPath, builtObserver()],
        ...[SWITCH, plan.virtual.address, plan.observer, String(every)],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const watch = new LiveWatch(child);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      watch.#said += text;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      watch.#hear(line);
    });
    const patience = { within: STARTS_WITHIN, every: LOOK_EVERY };
    if (!(await eventually(clock, patience, () => watch.#asked > 0))) {
      child.kill('SIGKILL');
      throw new Error(`the observer does not start: ${watch.#said}`);
    }
    return watch;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((done) => this.#child.once('close', done));
      this.#child.kill('SIGTERM');
      await ended;
    }
  }

  /**
   * Since when these MACs, and no others, answer without a pause; undefined while they do not. Looks back no further
   * than `from`.
   */
  soleSince(macs: readonly string[], from: Instant): Instant | undefined {
    const answers = this.#since(from);
    const own = answers.filter(({ mac }) => macs.includes(mac));
    const last = own.at(-1);
    // Judged by the questions that stayed unanswered: an observer that was itself kept waiting asked none.
    if (last === undefined || this.#asked - last.asked > TENURE_PAUSE_ASKS) {
      return undefined;
    }
    const first = own.findLast(({ asked }, index) => {
      const before = own[index - 1];
      return before === undefined || asked - before.asked > TENURE_PAUSE_ASKS;
    });
    const other = answers.findLast(({ mac }) => !macs.includes(mac));
    const began = first?.at ?? last.at;
    return other !== undefined && other.at > began ? other.at : began;
  }

  /** Since when these MACs answer without a pause, whoever else does. */
  amongSince(macs: readonly string[], from: Instant): Instant | undefined {
    const own = this.#since(from).filter(({ mac }) => macs.includes(mac));
    const last = own.at(-1);
    return last !== undefined && this.#asked - last.asked <= TENURE_PAUSE_ASKS
      ? own[0]?.at
      : undefined;
  }

  /** Since when nobody answers; `from` if nobody has since. Undefined while somebody does. */
  silentSince(from: Instant): Instant | undefined {
    const last = this.#since(from).at(-1);
    return last === undefined || this.#asked - last.asked > TENURE_PAUSE_ASKS
      ? (last?.at ?? from)
      : undefined;
  }

  /** Who answered, one line for each unbroken run of answers, for a message. */
  story(from: Instant): string {
    const lines: string[] = [];
    let run: readonly Answer[] = [];
    const flush = (): void => {
      const [first] = run;
      const last = run.at(-1);
      if (first !== undefined && last !== undefined) {
        const span = [first, last].map(({ at }) => between(from, at).toFixed(0)).join(' to ');
        lines.push(`  ${first.mac} answered ${String(run.length)} times, ${span} ms`);
      }
    };
    for (const answer of this.#since(from)) {
      if (run.at(-1)?.mac !== answer.mac) {
        flush();
        run = [];
      }
      run = [...run, answer];
    }
    flush();
    return [`  asked ${String(this.#asked)} times`, ...lines.slice(-STORY_LINES), this.#said].join(
      '\n',
    );
  }

  #since(from: Instant): readonly Answer[] {
    const before = this.#answers.findLastIndex(({ at }) => at < from);
    return this.#answers.slice(before + 1);
  }

  #hear(line: string): void {
    const [first = '', second = ''] = line.split(' ');
    if (first === '?') {
      this.#asked += 1;
    } else {
      this.#answers.push({ at: instant(Number(first)), mac: second, asked: this.#asked });
    }
  }
}

function builtObserver(): string {
  if (!existsSync(built)) {
    buildSync({
      ...{ entryPoints: [PROGRAM], outfile: built, bundle: true, packages: 'external' },
      ...{ format: 'esm', platform: 'node', target: 'node20' },
    });
    process.once('exit', () => {
      rmSync(built, { force: true });
    });
  }
  return built;
}
