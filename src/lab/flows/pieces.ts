/** Cuts what a TCP stream brings into messages. */
import { MESSAGE_BYTES } from './message.js';

export class Pieces {
  #rest: Buffer = Buffer.alloc(0);

  /** Those that are whole now. What remains is less than one message. */
  cut(bytes: Buffer): readonly Buffer[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = Math.floor(all.length / MESSAGE_BYTES);
    this.#rest = all.subarray(whole * MESSAGE_BYTES);
    return [...Array.from({ length: whole }).keys()].map((index) =>
      all.subarray(index * MESSAGE_BYTES, (index + 1) * MESSAGE_BYTES),
    );
  }
}
