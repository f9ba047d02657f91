/** The command line: what can be asked, in which words. Parsing, help and completion are yargs's. */
import yargs from 'yargs';
import { EXIT } from './exit-codes.js';
import type { ExitCode } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain } from './terminal.js';

/** What carries the commands out. Each resolves with the exit code. */
export interface Commands {
  daemon(asked: { readonly config: string; readonly node: string | undefined }): Promise<ExitCode>;
  status(asked: Asked, mode: 'once' | 'watch'): Promise<ExitCode>;
  switchover(
    asked: Asked & {
      readonly group: string | undefined;
      readonly consent: 'given' | 'asked for';
    },
  ): Promise<ExitCode>;
  check(file: string, form: OutputForm): Promise<ExitCode>;
  labUp(asked: { name: string; form: OutputForm; adverts: string }): Promise<ExitCode>;
  labDown(asked: { name: string; form: OutputForm }): Promise<ExitCode>;
  labStatus(asked: { name: string; form: OutputForm }): Promise<ExitCode>;
  demo(asked: { form: OutputForm }): Promise<ExitCode>;
  labWeb(asked: { name: string; listen: string }): Promise<ExitCode>;
  probe(asked: ProbeAsked): Promise<ExitCode>;
  labWatch(asked: LabWatchAsked): Promise<ExitCode>;
}

export interface Asked {
  readonly form: OutputForm;
  readonly socket: string | undefined;
  readonly config: string;
}

export interface ProbeAsked {
  readonly target: string;
  readonly every: string;
  readonly for: string;
  readonly streams: number;
  readonly deadline: string;
  readonly stall: string;
  /** Undefined: a summary on standard output. */
  readonly out: string | undefined;
  readonly form: OutputForm;
}

export interface LabWatchAsked {
  readonly interface: string;
  readonly target: string;
  readonly sender: string;
  readonly every: string;
  readonly for: string;
  readonly out: string;
}

export interface ProgramFacts {
  readonly version: string;
  readonly defaultConfig: string;
}

/** Parses and runs one command line; wrong usage is said on standard error. */
export async function runProgram(
  argv: readonly string[],
  commands: Commands,
  facts: ProgramFacts,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.usage;
  const settle = (answer: Promise<ExitCode>): Promise<void> =>
    answer.then((exit) => {
      code = exit;
    });
  const form = (json: unknown): OutputForm => (json === true ? 'json' : 'text');
  const json = { type: 'boolean', describe: 'answer in JSON' } as const;
  const config = {
    type: 'string',
    alias: 'c',
    default: facts.defaultConfig,
    describe: 'the configuration file',
  } as const;
  const socket = { type: 'string', describe: "the daemon's control socket" } as const;
  const labName = { type: 'string', default: 'lab', describe: 'the name of the lab' } as const;
  const program = yargs([...argv])
    .scriptName('vipair')
    .usage('$0 <command>\n\nTwo nodes, one virtual address, a proxy that survives.')
    .version(facts.version)
    .command(
      'daemon',
      'run this node of the pair',
      (y) =>
        y
          .option('config', config)
          .option('node', { type: 'string', describe: 'which node this is; found by itself' }),
      (asked) => settle(commands.daemon({ config: asked.config, node: asked.node })),
    )
    .command(
      'status',
      'what this node does, and why',
      (y) =>
        y
          .option('config', config)
          .option('socket', socket)
          .option('json', json)
          .option('watch', { type: 'boolean', alias: 'w', describe: 'again every second' }),
      (asked) =>
        settle(
          commands.status(
            { form: form(asked.json), socket: asked.socket, config: asked.config },
            asked.watch === true ? 'watch' : 'once',
          ),
        ),
    )
    .command(
      'switchover [group]',
      'give a group to the other node; run it on the master',
      (y) =>
        y
          .positional('group', { type: 'string', describe: 'needed where there are several' })
          .option('config', config)
          .option('socket', socket)
          .option('json', json)
          .option('yes', { type: 'boolean', alias: 'y', describe: 'do not ask' }),
      (asked) =>
        settle(
          commands.switchover({
            form: form(asked.json),
            socket: asked.socket,
            config: asked.config,
            group: asked.group,
            consent: asked.yes === true ? 'given' : 'asked for',
          }),
        ),
    )
    .command(
      'check <file>',
      'say everything that is wrong with a configuration file',
      (y) => y.positional('file', { type: 'string', demandOption: true }).option('json', json),
      (asked) => settle(commands.check(asked.file, form(asked.json))),
    )
    .command('lab', 'a whole pair on this machine, in network namespaces', (y) =>
      y
        .command(
          'up [name]',
          'build it: a client, two nodes, two web servers',
          (z) =>
            z
              .positional('name', labName)
              .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
              .option('json', json),
          (asked) =>
            settle(
              commands.labUp({ name: asked.name, form: form(asked.json), adverts: asked.adverts }),
            ),
        )
        .command(
          'down [name]',
          'remove every trace of it, also after a crash',
          (z) => z.positional('name', labName).option('json', json),
          (asked) => settle(commands.labDown({ name: asked.name, form: form(asked.json) })),
        )
        .command(
          'status [name]',
          'its nodes, as seen from outside',
          (z) => z.positional('name', labName).option('json', json),
          (asked) => settle(commands.labStatus({ name: asked.name, form: form(asked.json) })),
        )
        .demandCommand(1, 'say what to do with the lab: up, down or status'),
    )
    .command(
      'demo',
      'build a lab, rehearse every failover in it, and show what a client saw',
      (y) => y.option('json', json),
      (asked) => settle(commands.demo({ form: form(asked.json) })),
    )
    .command(
      'probe',
      'measure what a client of an address sees',
      (y) =>
        y
          .option('target', { type: 'string', demandOption: true, describe: 'HOST:PORT' })
          .option('every', { type: 'string', default: '5ms', describe: 'between two launches' })
          .option('for', { type: 'string', default: '10s', describe: 'how long' })
          .option('streams', { type: 'number', default: 0, describe: 'long-lived streams beside' })
          .option('deadline', { type: 'string', default: '500ms', describe: 'for one answer' })
          .option('stall', {
            type: 'string',
            default: '1.5s',
            describe: 'silence that breaks a stream',
          })
          .option('out', { type: 'string', describe: 'write every sample to this file' })
          .option('json', json),
      (asked) => settle(commands.probe({ ...asked, out: asked.out, form: form(asked.json) })),
    )
    .command(
      'lab-web',
      false,
      (y) =>
        y
          .option('name', { type: 'string', demandOption: true })
          .option('listen', { type: 'string', demandOption: true }),
      (asked) => settle(commands.labWeb({ name: asked.name, listen: asked.listen })),
    )
    .command(
      'lab-watch',
      false,
      (y) =>
        y
          .option('interface', { type: 'string', demandOption: true })
          .option('target', { type: 'string', demandOption: true })
          .option('sender', { type: 'string', demandOption: true })
          .option('every', { type: 'string', default: '2ms' })
          .option('for', { type: 'string', default: '600s' })
          .option('out', { type: 'string', demandOption: true }),
      (asked) => settle(commands.labWatch(asked)),
    )
    .completion('completion', 'print a completion script for bash or zsh')
    .demandCommand(1, 'say what to do')
    .strict()
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      if (error !== undefined) {
        throw error;
      }
      complain(`vipair: ${message}\nTry: vipair --help`);
      throw new WrongUsage();
    });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof WrongUsage) {
      return EXIT.usage;
    }
    throw error;
  }
  const informed = argv.some((word) => INFORMING.has(word));
  return informed && code === EXIT.usage ? EXIT.ok : code;
}

class WrongUsage extends Error {}

/** Words after which yargs answers by itself. */
const INFORMING = new Set(['--help', '-h', '--version', 'completion', '--get-yargs-completions']);
