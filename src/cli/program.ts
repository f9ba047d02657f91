/** The command line: what can be asked, in which words. Parsing, help and completion are yargs's. */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { MOST_ENTRIES, USUAL_ENTRIES } from '../api/contract.js';
import type { Asked, Commands } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain } from './terminal.js';

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
  const outcome = new Outcome();
  const program = yargs([...argv])
    .scriptName('vipair')
    .usage('$0 <command>\n\nTwo nodes, one virtual address, a proxy that survives.')
    .version(facts.version);
  addNodeCommands(program, { commands, facts, outcome });
  addRecords(program, { commands, facts, outcome });
  addChecks(program, { commands, facts, outcome });
  addLabCommands(program, { commands, facts, outcome });
  addMeasuringCommands(program, { commands, facts, outcome });
  program
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
  return outcome.code;
}

class WrongUsage extends Error {}

/** What a command line came to. Where yargs answers by itself (help, version, completion) no command runs. */
class Outcome {
  code: ExitCode = EXIT.ok;

  readonly settle = (answer: Promise<ExitCode>): Promise<void> =>
    answer.then((exit) => {
      this.code = exit;
    });
}

interface Parts {
  readonly commands: Commands;
  readonly facts: ProgramFacts;
  readonly outcome: Outcome;
}

const JSON_OPTION = { type: 'boolean', describe: 'answer in JSON' } as const;
const SOCKET_OPTION = { type: 'string', describe: "the daemon's control socket" } as const;
const LAB_NAME = { type: 'string', default: 'lab', describe: 'the name of the lab' } as const;
const NEEDED = { type: 'string', demandOption: true } as const;

function configOption({ defaultConfig }: ProgramFacts): {
  readonly type: 'string';
  readonly alias: string;
  readonly default: string;
  readonly describe: string;
} {
  return { type: 'string', alias: 'c', default: defaultConfig, describe: 'the configuration file' };
}

function addNodeCommands(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program
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
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .option('watch', { type: 'boolean', alias: 'w', describe: 'again every second' }),
      (asked) => settle(commands.status(toDaemon(asked), asked.watch === true ? 'watch' : 'once')),
    )
    .command(
      'switchover [group]',
      'give a group to the other node; run it on the master',
      (y) =>
        y
          .positional('group', { type: 'string', describe: 'needed where there are several' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .option('yes', { type: 'boolean', alias: 'y', describe: 'do not ask' }),
      (asked) => {
        const consent = asked.yes === true ? 'given' : 'asked for';
        return settle(commands.switchover({ ...toDaemon(asked), group: asked.group, consent }));
      },
    )
    .command(
      'failback [group]',
      'take a group back; run it on the preferred node, with failback: manual or after',
      (y) =>
        y
          .positional('group', { type: 'string', describe: 'needed where there are several' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .option('yes', { type: 'boolean', alias: 'y', describe: 'do not ask' }),
      (asked) => {
        const consent = asked.yes === true ? 'given' : 'asked for';
        return settle(commands.failback({ ...toDaemon(asked), group: asked.group, consent }));
      },
    );
}

/** What a daemon remembers. */
function addRecords(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program
    .command(
      'history',
      'every transition of the groups of this node, over restarts, newest last',
      (y) =>
        y
          .option('group', { type: 'string', alias: 'g', describe: 'of this group only' })
          .option('limit', {
            ...{ type: 'number', alias: 'n', default: USUAL_ENTRIES },
            describe: `so many, at most ${String(MOST_ENTRIES)}`,
          })
          .option('details', { type: 'boolean', describe: 'evidence and phases of each' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .example('$0 history --group web --details -n 1', 'why web moved last'),
      (asked) => {
        const depth = asked.details === true ? 'details' : 'lines';
        const { group, limit } = asked;
        return settle(commands.history({ ...toDaemon(asked), group, limit, depth }));
      },
    )
    .command(
      'events',
      'what the daemon told lately, and with --follow what it tells from now on',
      (y) =>
        y
          .option('follow', { type: 'boolean', alias: 'f', describe: 'go on until ctrl-C' })
          .option('limit', {
            ...{ type: 'number', alias: 'n', default: USUAL_ENTRIES },
            describe: `so many of the last, at most ${String(MOST_ENTRIES)}`,
          })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', { type: 'boolean', describe: 'one JSON object a line, as in the log' })
          .example('$0 events --follow --json', 'feed another program'),
      (asked) => {
        const mode = asked.follow === true ? 'follow' : 'once';
        return settle(commands.events({ ...toDaemon(asked), limit: asked.limit, mode }));
      },
    );
}

function addChecks(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  program
    .command(
      'check <file>',
      'say everything that is wrong with a configuration file',
      (y) => y.positional('file', NEEDED).option('json', JSON_OPTION),
      (asked) => settle(commands.check(asked.file, formOf(asked))),
    )
    .command(
      'keygen [file]',
      'make a key for the channel between the two nodes',
      (y) =>
        y
          .positional('file', { type: 'string', default: '/etc/vipair/pair.key' })
          .option('json', JSON_OPTION),
      (asked) => settle(commands.keygen({ file: asked.file, form: formOf(asked) })),
    )
    .command(
      'doctor',
      'listen, ask and compare: what is wrong with this node and its network, the root cause first',
      (y) =>
        y
          .option('config', configOption(facts))
          .option('node', { type: 'string', describe: 'which node this is; found by itself' })
          .option('listen', { type: 'string', describe: 'how long, at most 60s' })
          .option('json', JSON_OPTION),
      (asked) =>
        settle(
          commands.doctor({
            config: asked.config,
            node: asked.node,
            listen: asked.listen,
            form: formOf(asked),
          }),
        ),
    );
}

function addLabCommands(program: Argv, { commands, outcome }: Parts): void {
  const { settle } = outcome;
  program
    .command('lab', 'a whole pair on this machine, in network namespaces', (y) =>
      y
        .command(
          'up [name]',
          'build it: a client, two nodes, two web servers',
          (z) =>
            z
              .positional('name', LAB_NAME)
              .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
              .option('ipv6', { type: 'boolean', describe: 'an IPv6 virtual address as well' })
              .option('json', JSON_OPTION),
          ({ name, adverts, ipv6, json }) => {
            const families = ipv6 === true ? 'both' : 'ipv4';
            return settle(commands.labUp({ name, adverts, families, form: formOf({ json }) }));
          },
        )
        .command(
          'down [name]',
          'remove every trace of it, also after a crash',
          (z) => z.positional('name', LAB_NAME).option('json', JSON_OPTION),
          ({ name, json }) => settle(commands.labDown({ name, form: formOf({ json }) })),
        )
        .command(
          'status [name]',
          'its nodes, as seen from outside',
          (z) => z.positional('name', LAB_NAME).option('json', JSON_OPTION),
          ({ name, json }) => settle(commands.labStatus({ name, form: formOf({ json }) })),
        )
        .command(
          'migrate',
          'a keepalived pair becomes a vipair pair, one node at a time, under load',
          (z) =>
            z
              // Here it is VRRP's version that is meant, not the program's.
              .version(false)
              .option('version', { type: 'string', default: '3', describe: 'of VRRP: 3 or 2' })
              .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
              .option('json', JSON_OPTION),
          ({ version, adverts, json }) =>
            settle(commands.labMigrate({ version, adverts, form: formOf({ json }) })),
        )
        .command(
          'split-brain',
          'break every path between the nodes in turn, with vipair and with keepalived',
          (z) =>
            z
              .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
              .option('keepalived', {
                type: 'boolean',
                default: true,
                describe: 'the same with keepalived beside it',
              })
              .option('json', JSON_OPTION),
          ({ adverts, keepalived, json }) => {
            const rival = keepalived ? 'keepalived' : 'none';
            return settle(commands.labSplitBrain({ adverts, rival, form: formOf({ json }) }));
          },
        )
        .demandCommand(1, 'say what to do with the lab: up, down, status, migrate or split-brain'),
    )
    .command(
      'demo',
      'build a lab, rehearse every failover in it, and show what a client saw',
      (y) => y.option('json', JSON_OPTION),
      (asked) => settle(commands.demo({ form: formOf(asked) })),
    );
}

function addMeasuringCommands(program: Argv, { commands, outcome }: Parts): void {
  const { settle } = outcome;
  program
    .command(
      'probe',
      'measure what a client of an address sees',
      (y) =>
        y
          .option('target', { ...NEEDED, describe: 'ADDRESS:PORT' })
          .option('every', { type: 'string', default: '5ms', describe: 'between two launches' })
          .option('for', { type: 'string', default: '10s', describe: 'how long' })
          .option('streams', { type: 'number', default: 0, describe: 'long-lived streams beside' })
          .option('deadline', { type: 'string', default: '500ms', describe: 'for one answer' })
          .option('stall', {
            type: 'string',
            default: '1.5s',
            describe: 'a stream has broken then',
          })
          .option('out', { type: 'string', describe: 'write every sample to this file' })
          .option('json', JSON_OPTION),
      (asked) => settle(commands.probe({ ...asked, out: asked.out, form: formOf(asked) })),
    )
    // The lab's own programs: no use to anybody else, so help does not show them.
    .command(
      'lab-web',
      false,
      (y) => y.option('name', NEEDED).option('listen', NEEDED),
      ({ name, listen }) => settle(commands.labWeb({ name, listen })),
    )
    .command(
      'lab-watch',
      false,
      (y) =>
        y
          .option('interface', NEEDED)
          .option('target', NEEDED)
          .option('sender', NEEDED)
          .option('every', { type: 'string', default: '2ms' })
          .option('for', { type: 'string', default: '10m' })
          .option('out', NEEDED),
      (asked) => settle(commands.labWatch(asked)),
    );
}

function toDaemon(asked: {
  readonly json: boolean | undefined;
  readonly socket: string | undefined;
  readonly config: string;
}): Asked {
  return { form: formOf(asked), socket: asked.socket, config: asked.config };
}

function formOf({ json }: { readonly json: boolean | undefined }): OutputForm {
  return json === true ? 'json' : 'text';
}
