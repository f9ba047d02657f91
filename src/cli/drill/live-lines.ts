/** A drill while it goes on: one line that is written anew on a terminal, a line a phase elsewhere. */
import type { DrillProgress } from '../../drill/ports.js';
import type { OutputForm } from '../terminal.js';
import { isWatched, overwrite, complain } from '../terminal.js';

export class LiveLines {
  readonly #form: OutputForm;
  #phase: string | undefined;

  constructor(form: OutputForm) {
    this.#form = form;
  }

  readonly tell = (progress: DrillProgress): void => {
    const line = inWords(progress);
    if (isWatched() && this.#form === 'text') {
      overwrite(line);
    } else if (progress.phase !== this.#phase) {
      complain(line);
    }
    this.#phase = progress.phase;
  };

  /** What follows begins on a line of its own. */
  end(): void {
    if (isWatched() && this.#form === 'text') {
      overwrite('');
    }
  }
}

function inWords({ phase, text, clients }: DrillProgress): string {
  const seen =
    clients === undefined
      ? ''
      : `; ${String(clients.requests)} requests, ${String(clients.failed)} failed, longest gap ${clients.longestGapMs.toFixed(0)} ms`;
  return `  ${phase}: ${text}${seen}`;
}
