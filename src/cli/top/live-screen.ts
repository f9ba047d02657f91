/** A terminal that one program has to itself, until it gives it back as it was: however it ends. */
import process from 'node:process';
import type { ScreenSize } from './screen.js';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';
const CTRL_C = '\u0003';
/** Those that would end the program without a word; the others are handled by whoever starts it. */
const ENDING = ['SIGHUP', 'SIGQUIT'] as const;
const USUAL: ScreenSize = { columns: 80, rows: 24 };

export interface ScreenEvents {
  readonly key: (key: string) => void;
  readonly resized: () => void;
}

/** Whether there is one. */
export function hasScreen(): boolean {
  return process.stdout.isTTY;
}

export function screenSize(): ScreenSize {
  const { columns, rows } = process.stdout;
  return hasScreen() && columns > 0 && rows > 0 ? { columns, rows } : USUAL;
}

export class LiveScreen {
  readonly #events: ScreenEvents;
  #state: 'entered' | 'left' = 'entered';
  readonly #leave = (): void => {
    this.leave();
  };
  readonly #typed = (keys: Buffer): void => {
    for (const key of keys.toString()) {
      this.#events.key(key === CTRL_C ? 'q' : key);
    }
  };

  readonly #asked = (): void => {
    this.#events.key('q');
  };

  constructor(events: ScreenEvents) {
    this.#events = events;
    // An exception that nobody caught ends here, too.
    process.once('exit', this.#leave);
    for (const signal of ENDING) {
      process.on(signal, this.#asked);
    }
    process.stdout.on('resize', events.resized);
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.on('data', this.#typed);
    }
    process.stdout.write(ENTER);
  }

  show(lines: readonly string[]): void {
    if (this.#state === 'entered') {
      const text = lines.map((line) => `${line}${REST_OF_LINE}`).join('\r\n');
      process.stdout.write(`${HOME}${text}${REST_OF_SCREEN}`);
    }
  }

  /** Idempotent. */
  leave(): void {
    if (this.#state === 'left') {
      return;
    }
    this.#state = 'left';
    process.removeListener('exit', this.#leave);
    for (const signal of ENDING) {
      process.removeListener(signal, this.#asked);
    }
    process.stdout.removeListener('resize', this.#events.resized);
    if (process.stdin.isTTY) {
      process.stdin.removeListener('data', this.#typed);
      process.stdin.setRawMode(false);
      process.stdin.pause();
    }
    process.stdout.write(LEAVE);
  }
}
