/** What the commands of the program have in common: options, and what a command line comes to. */
import type { Asked, Commands } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import type { OutputForm } from '../terminal.js';

export interface ProgramFacts {
  readonly version: string;
  readonly defaultConfig: string;
  /** Whether help is read on a terminal, and fits its width. */
  readonly screen: 'terminal' | 'none';
}

/** What a command line came to. Where yargs answers by itself (help, version, completion) no command runs. */
export class Outcome {
  code: ExitCode = EXIT.ok;

  readonly settle = (answer: Promise<ExitCode>): Promise<void> =>
    answer.then((exit) => {
      this.code = exit;
    });
}

export interface Parts {
  readonly commands: Commands;
  readonly facts: ProgramFacts;
  readonly outcome: Outcome;
}

export const JSON_OPTION = { type: 'boolean', describe: 'answer in JSON' } as const;
const YES_OPTION = { type: 'boolean', alias: 'y', describe: 'do not ask' } as const;
export const SOCKET_OPTION = { type: 'string', describe: "the daemon's control socket" } as const;
export const LAB_NAME = {
  type: 'string',
  default: 'lab',
  describe: 'the name of the lab',
} as const;
export const NEEDED = { type: 'string', demandOption: true } as const;

export function configOption({ defaultConfig }: ProgramFacts): {
  readonly type: 'string';
  readonly alias: string;
  readonly default: string;
  readonly describe: string;
} {
  return { type: 'string', alias: 'c', default: defaultConfig, describe: 'the configuration file' };
}

/** Of a command that asks before it does something; {@link consentOf} reads what it was told. */
export function askingOptions(facts: ProgramFacts): {
  readonly config: ReturnType<typeof configOption>;
  readonly socket: typeof SOCKET_OPTION;
  readonly json: typeof JSON_OPTION;
  readonly yes: typeof YES_OPTION;
} {
  return { config: configOption(facts), socket: SOCKET_OPTION, json: JSON_OPTION, yes: YES_OPTION };
}

export function consentOf({ yes }: { readonly yes: boolean | undefined }): 'given' | 'asked for' {
  return yes === true ? 'given' : 'asked for';
}

export function toDaemon(asked: {
  readonly json: boolean | undefined;
  readonly socket: string | undefined;
  readonly config: string;
}): Asked {
  return { form: formOf(asked), socket: asked.socket, config: asked.config };
}

export function formOf({ json }: { readonly json: boolean | undefined }): OutputForm {
  return json === true ? 'json' : 'text';
}
