/** Colour, where the terminal has it: one meaning each, and never the only carrier of it. */
import picocolors from 'picocolors';

export function good(text: string): string {
  return picocolors.green(text);
}

export function doubtful(text: string): string {
  return picocolors.yellow(text);
}

export function bad(text: string): string {
  return picocolors.red(text);
}

export function strong(text: string): string {
  return picocolors.bold(text);
}
