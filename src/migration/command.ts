/** What keepalived would run, as vipair runs it: a program by its absolute path, its arguments, and no shell. */
import { argumentsOf } from './keepalived/words.js';

export type Command =
  | {
      readonly kind: 'script';
      readonly path: string;
      readonly args: readonly string[];
      /** What had to be put before it, to say so. */
      readonly by: 'itself' | 'env' | 'shell';
    }
  /** It only asked whether a process of that name runs. */
  | { readonly kind: 'process'; readonly program: string }
  | { readonly kind: 'impossible'; readonly why: string };

/** The words behind `script`: one that was in quotes is a whole command. */
export function commandOf(words: readonly string[]): Command {
  const [first = '', ...others] = words;
  const args = others.length === 0 ? argumentsOf(first) : words;
  const program = askedFor(args);
  if (program !== undefined) {
    return { kind: 'process', program };
  }
  return bounded(scriptOf(args, first));
}

/** A file that is run at a transition, and what follows it. */
export function fileAndArguments(word: string): {
  readonly path: string;
  readonly args: readonly string[];
} {
  const [path = '', ...args] = argumentsOf(word);
  return { path, args };
}

export function isAbsolutePath(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- as config/schema/kinds.ts has it.
  return text.length <= MAX_PATH && /^(?:\/[^/\u0000-\u001f]+)+$/u.test(text);
}

function scriptOf(args: readonly string[], whole: string): Command {
  const [path = '', ...rest] = args;
  if (path.startsWith('/')) {
    return isAbsolutePath(path)
      ? { kind: 'script', path, args: rest, by: 'itself' }
      : { kind: 'impossible', why: 'its path has a double slash or one at its end' };
  }
  if (args.length === 0) {
    return { kind: 'impossible', why: 'it names no program' };
  }
  if (SHELL.test(whole)) {
    // Only bash knows these files; where sh is another shell, keepalived's own script never succeeds.
    const shell = whole.includes('/dev/tcp/') ? '/bin/bash' : '/bin/sh';
    return { kind: 'script', path: shell, args: ['-c', whole], by: 'shell' };
  }
  return path.includes('/')
    ? { kind: 'impossible', why: 'its path is not absolute' }
    : { kind: 'script', path: '/usr/bin/env', args, by: 'env' };
}

function bounded(command: Command): Command {
  if (command.kind !== 'script') {
    return command;
  }
  const fits =
    command.args.length <= MAX_ARGUMENTS &&
    command.args.every((each) => each.length <= MAX_ARGUMENT && !each.includes('\u0000'));
  return fits
    ? command
    : { kind: 'impossible', why: 'it has too many arguments, or too long ones' };
}

/** `killall -0 NAME`, `pidof NAME`, `pgrep -x NAME`. */
function askedFor(args: readonly string[]): string | undefined {
  const [path = '', ...rest] = args;
  const options = ASKING.get(path.split('/').at(-1) ?? '');
  const name = rest.at(-1);
  const asks = options?.some((option) => option === rest.slice(0, -1).join(' ')) === true;
  return asks && name !== undefined && PROGRAM_NAME.test(name) ? name : undefined;
}

const ASKING: ReadonlyMap<string, readonly string[]> = new Map([
  ['killall', ['-0', '-q -0', '-0 -q', '-s 0']],
  ['pidof', ['', '-s', '-q']],
  ['pgrep', ['-x', '-f -x', '-q -x']],
]);
export const PROGRAM_NAME: Readonly<RegExp> = /^[^\s/<>|&;$`"'-][^\s/<>|&;$`"']{0,63}$/u;
const SHELL = /[<>|&;$`(){}*?~]/u;
const MAX_PATH = 1024;
const MAX_ARGUMENTS = 32;
/** So that each is a line of the file (config/document.ts). */
const MAX_ARGUMENT = 400;
