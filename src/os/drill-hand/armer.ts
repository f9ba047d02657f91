/** A hand's side of whoever armed it: one line each way, and then signals, as long as the hand lives. */
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { HandSaid, HandTold } from './hand-setup.js';

/** What it is told. Ctrl-C and a closed terminal end a daemon's clients, not what undoes a drill. */
export async function hearOrder(): Promise<HandTold> {
  // A fault may be that the processors have no time. Where it may not, it does its work all the same.
  attempt(() => {
    setPriority(HIGH_PRIORITY);
  });
  // Whoever started it may be gone when it answers.
  process.stdout.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => undefined);
  }
  const lines = createInterface({ input: process.stdin });
  const [line] = (await once(lines, 'line')) as [string];
  lines.close();
  return JSON.parse(line) as HandTold;
}

/** From now on. SIGUSR1 is Node's own. */
export function heedSignals(hand: { fire(): void; undo(): void }): void {
  process.on('SIGUSR2', () => {
    hand.fire();
  });
  process.on('SIGTERM', () => {
    hand.undo();
  });
}

export function say(said: HandSaid): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

function attempt(deed: () => void): void {
  try {
    deed();
  } catch {
    // It is not allowed.
  }
}

/** Of nice(2): as far above others as a process that must be able to end them needs. */
const HIGH_PRIORITY = -15;
