/** What the other node is still to be told of the batches that came from it on one connection: not of each by itself. */
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import { WINDOW_BYTES } from './send-window.js';

const ACKNOWLEDGE_EVERY = millis(10);
/** As much as makes one leave at once: the other end would come to a halt. */
const SOON_BYTES = WINDOW_BYTES / 4;

export class Acknowledgements {
  readonly #clock: Clock;
  readonly #say: (sequence: number) => void;
  #sequence = 0;
  #said = 0;
  /** Received since the last one left. */
  #bytes = 0;
  #alarm: Alarm | undefined;

  constructor(clock: Clock, say: (sequence: number) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** A batch has come. */
  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** All batches up to that one are done with. */
  acknowledge(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    if (this.#bytes >= SOON_BYTES) {
      this.#sayNow();
    } else {
      this.#alarm ??= this.#clock.alarm(later(this.#clock.now(), ACKNOWLEDGE_EVERY), () => {
        this.#sayNow();
      });
    }
  }

  stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #sayNow(): void {
    this.stop();
    if (this.#sequence > this.#said) {
      this.#said = this.#sequence;
      this.#bytes = 0;
      this.#say(this.#sequence);
    }
  }
}
