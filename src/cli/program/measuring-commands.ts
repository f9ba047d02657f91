/** What a client of an address sees, and the programs of the lab. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, NEEDED, formOf } from './parts.js';

export function addMeasuringCommands(program: Argv, parts: Parts): void {
  const { commands, outcome } = parts;
  const { settle } = outcome;
  program
    .command('probe', 'measure what a client of an address sees', probeArguments, (asked) =>
      settle(
        commands.probe({
          ...asked,
          for: asked.for ?? (asked.attached === true ? '60m' : '10s'),
          mode: asked.attached === true ? 'attached' : 'alone',
          watch: asked.watch,
          serverName: asked.serverName,
          certificates: asked.insecure === true ? 'any' : 'verified',
          out: asked.out,
          form: formOf(asked),
        }),
      ),
    )
    // The lab's own programs: no use to anybody else, so help does not show them.
    .command(
      'lab-web',
      false,
      (y) => y.option('name', NEEDED).option('listen', NEEDED),
      ({ name, listen }) => settle(commands.labWeb({ name, listen })),
    )
    .command(
      'lab-hash-part',
      false,
      (y) => y.option('part', NEEDED).option('socket', NEEDED),
      (asked) => settle(commands.labHashPart(asked)),
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
    )
    .command(
      'lab-hold',
      false,
      (y) =>
        y
          .option('targets', NEEDED)
          .option('each', { type: 'number', default: 1 })
          .option('out', NEEDED),
      (asked) => settle(commands.labHold(asked)),
    )
    .command(
      'lab-visit',
      false,
      (y) =>
        y
          .option('targets', NEEDED)
          .option('regulars', { type: 'number', default: 1 })
          .option('newcomers', { type: 'number', default: 0 })
          .option('every', { type: 'string', default: '1s' })
          .option('newcomer-every', { type: 'string', default: '1s' })
          .option('for', { type: 'string', default: '10m' })
          .option('out', NEEDED),
      (asked) => settle(commands.labVisit(asked)),
    );
  addFlowCommands(program, parts);
}

/** The lab's own, too. */
function addFlowCommands(program: Argv, { commands, outcome }: Parts): void {
  const { settle } = outcome;
  program
    .command(
      'lab-traffic',
      false,
      (y) =>
        y
          .option('flows', NEEDED)
          .option('every', { type: 'string', default: '50ms' })
          .option('for', { type: 'string', default: '10m' })
          .option('out', NEEDED),
      (asked) => settle(commands.labTraffic(asked)),
    )
    .command(
      'lab-flow-server',
      false,
      (y) =>
        y
          .option('number', { type: 'number', demandOption: true })
          .option('ports', NEEDED)
          .option('every', { type: 'string', default: '50ms' }),
      (asked) => settle(commands.labFlowServer(asked)),
    );
}

function probeArguments(y: Argv) {
  return y
    .option('target', { ...NEEDED, describe: 'ADDRESS:PORT' })
    .option('every', { type: 'string', default: '5ms', describe: 'between two launches' })
    .option('for', { type: 'string', describe: 'how long (10s; attached: 60m)' })
    .option('streams', { type: 'number', default: 0, describe: 'long-lived streams beside' })
    .option('deadline', { type: 'string', default: '500ms', describe: 'for one answer' })
    .option('stall', {
      type: 'string',
      default: '1.5s',
      describe: 'a stream has broken then',
    })
    .option('over', {
      choices: ['tcp', 'http', 'https'] as const,
      default: 'http' as const,
      describe: 'what is asked for: a connection, or an answer',
    })
    .option('path', { type: 'string', default: '/', describe: 'what is asked for by HTTP' })
    .option('expect', { type: 'number', default: 200, describe: "a good answer's status" })
    .option('server-name', { type: 'string', describe: 'the name asked for' })
    .option('insecure', { type: 'boolean', describe: 'any certificate will do' })
    .option('attached', {
      type: 'boolean',
      describe: 'for a program: tell it line by line, end when its input does',
    })
    .option('watch', {
      type: 'string',
      describe: 'attached: who answers for the address on this INTERFACE',
    })
    .option('watch-every', { type: 'string', default: '10ms', describe: 'asked so often' })
    .option('out', { type: 'string', describe: 'write every sample to this file' })
    .option('json', JSON_OPTION);
}
