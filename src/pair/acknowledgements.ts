/** What the other node is still to be told of the batches that came from it on one connection: not of each by itself. */
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import { WINDOW_BYTES } from './send-window.js';

const ACKNOWLEDGE_EVERY = millis(10);
/** Twice what whoever keeps to the window ever sends; beyond it, what waits for the proxy would have no bound. */
const MOST_WAITING_BYTES = 2 * WINDOW_BYTES;
/** As much as makes one leave at once: the other end would come to a halt. */
const SOON_BYTES = WINDOW_BYTES / 4;

export class Acknowledgements {
  readonly #clock: Clock;
  readonly #say: (sequence: number) => void;
  #sequence = 0;
  #said = 0;
  /** What was received and not acknowledged, by batches in their order. */
  readonly #waiting: { readonly sequence: number; readonly bytes: number }[] = [];
  #bytes = 0;
  #alarm: Alarm | undefined;

  constructor(clock: Clock, say: (sequence: number) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** A batch has come. `too much`: the other end does not keep to the window. */
  received(sequence: number, bytes: number): 'good' | 'too much' {
    this.#waiting.push({ sequence, bytes });
    this.#bytes += bytes;
    return this.#bytes > MOST_WAITING_BYTES ? 'too much' : 'good';
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
      this.#forget();
      this.#say(this.#sequence);
    }
  }

  #forget(): void {
    for (
      let oldest = this.#waiting[0];
      oldest !== undefined && oldest.sequence <= this.#said;
      oldest = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#bytes -= oldest.bytes;
    }
  }
}
