/** Colour, where the terminal has it: one meaning each, and never the only carrier of it. */
import process from 'node:process';
import picocolors from 'picocolors';

// Only for people: what is piped into a program has none, also where a pipeline runs it (it sets CI, not a terminal).
const colours = picocolors.createColors(process.stdout.isTTY ? picocolors.isColorSupported : false);

export function good(text: string): string {
  return colours.green(text);
}

export function doubtful(text: string): string {
  return colours.yellow(text);
}

export function bad(text: string): string {
  return colours.red(text);
}

export function strong(text: string): string {
  return colours.bold(text);
}
