/** Looks every few seconds whether both nodes still have in common what they should, and says when that changes. */
import type { Result } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { ConfigLine } from '../config/config-lines.js';
import type { CommonFiles } from '../ports/common-files.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Log } from '../telemetry/events.js';
import type { GenerationStatus } from '../telemetry/generation.js';
import { differencesInWords } from '../telemetry/generation.js';
import type { Ask } from './comparison.js';
import { answerOn, compareWith, detail } from './comparison.js';
import type { OwnGeneration } from './own-generation.js';

export interface GenerationPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly commonFiles: CommonFiles;
  readonly ask: Ask;
  readonly channel: () => 'up' | 'down';
  /** What the text of the configuration file is to the configuration that runs. */
  /** Of the configuration that runs. */
  readonly lines: () => readonly ConfigLine[];
  readonly judge: (text: string) => GenerationStatus['file'];
}

export interface GenerationOptions {
  readonly peer: string;
  readonly configFile: string;
}

type Known = Pick<GenerationStatus, 'state' | 'why' | 'differences'>;

export class GenerationWatch {
  readonly #options: GenerationOptions;
  readonly #own: OwnGeneration;
  readonly #ports: GenerationPorts;
  #known: Known = NOT_YET;
  #told = '';
  /** What {@link #known} was made of: lines are looked at once. */
  #compared: string | undefined;
  #stamp = '';
  #file: GenerationStatus['file'] = 'runs';
  #alarm: Alarm | undefined;
  #phase: 'resting' | 'looking' | 'looking, and again' | 'stopped' = 'resting';

  constructor(options: GenerationOptions, own: OwnGeneration, ports: GenerationPorts) {
    this.#options = options;
    this.#own = own;
    this.#ports = ports;
  }

  status(): GenerationStatus {
    const { peer } = this.#options;
    const known = this.#ports.channel() === 'up' ? this.#known : NO_CHANNEL;
    return { peer, ...known, file: this.#file };
  }

  /** Now, and every few seconds from now on; where it looks already, once more after that. */
  look(): void {
    if (this.#phase === 'resting') {
      void this.#lookOnce();
    } else if (this.#phase === 'looking') {
      this.#phase = 'looking, and again';
    }
  }

  /** Another configuration runs, so the file means something else. */
  changed(): void {
    this.#stamp = '';
    this.#own.become(this.#ports.lines());
    this.look();
  }

  /** Undefined where something else is asked. */
  answer(ask: string, body: string): Result<string, string> | undefined {
    return answerOn(this.#own, ask, body);
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
  }

  async #lookOnce(): Promise<void> {
    const { clock, channel } = this.#ports;
    this.#alarm?.cancel();
    this.#phase = 'looking';
    await this.#own.look();
    await this.#lookAtFile();
    if (channel() === 'up') {
      await this.#compare();
    }
    if (this.#isAsked()) {
      await this.#lookOnce();
      return;
    }
    if (this.#mayRest()) {
      this.#phase = 'resting';
      this.#alarm = clock.alarm(later(clock.now(), LOOK_EVERY), () => {
        this.look();
      });
    }
  }

  #isAsked(): boolean {
    return this.#phase === 'looking, and again';
  }

  #mayRest(): boolean {
    return this.#phase === 'looking';
  }

  async #lookAtFile(): Promise<void> {
    const { commonFiles, judge } = this.#ports;
    const { configFile } = this.#options;
    const stamp = await commonFiles.stamp(configFile);
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      const text = await commonFiles.readText(configFile);
      this.#file = text.ok ? judge(text.value) : 'wrong';
    }
  }

  async #compare(): Promise<void> {
    const { ask } = this.#ports;
    const { peer } = this.#options;
    const differing = await compareWith(this.#own, ask);
    if (!differing.ok) {
      this.#known = { state: 'unknown', why: differing.error, differences: [] };
      this.#compared = undefined;
      return;
    }
    const compared = JSON.stringify(differing.value);
    if (compared === this.#compared) {
      return;
    }
    const differences = await detail(differing.value, this.#own, ask);
    this.#compared = compared;
    const state = differences.length === 0 ? 'in sync' : 'differs';
    this.#known = { state, why: undefined, differences };
    const words = differencesInWords(differences, peer).join('; ').slice(0, MOST_TOLD);
    if (`${state} ${words}` !== this.#told) {
      this.#told = `${state} ${words}`;
      this.#ports.log.tell(
        state === 'in sync'
          ? { event: 'generation.in-sync', peer }
          : { event: 'generation.differs', peer, what: words },
      );
    }
  }
}

const NOT_YET: Known = { state: 'unknown', why: 'not compared yet', differences: [] };
const NO_CHANNEL: Known = {
  state: 'unknown',
  why: 'the pair channel is down',
  differences: [],
};
/** What an operator copied to both nodes is there on both within this, as a rule. */
const LOOK_EVERY = millis(5000);
const MOST_TOLD = 500;
