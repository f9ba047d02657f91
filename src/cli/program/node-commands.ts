/** The daemon, and what operators ask of its groups. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import {
  askingOptions,
  configOption,
  consentOf,
  formOf,
  JSON_OPTION,
  SOCKET_OPTION,
  toDaemon,
} from './parts.js';

const SWITCHOVER_OPTIONS = {
  wait: {
    type: 'string',
    describe:
      'until the former owner serves nothing any more that was open, with keep_connections; seconds, or as long as it may',
    conflicts: ['at', 'cancel'],
  },
  to: { type: 'string', describe: 'the node that is to be master' },
  at: {
    type: 'string',
    describe: 'then: 2026-03-02T04:00:00Z, 04:00 (local), or +90m',
    conflicts: ['force', 'cancel'],
  },
  cancel: {
    type: 'boolean',
    describe: 'what is planned is not carried out',
    conflicts: ['force', 'to'],
  },
  force: {
    type: 'boolean',
    describe: 'although the other node says that it could not take over',
  },
} as const;

export function addNodeCommands(program: Argv, parts: Parts): void {
  const { commands, facts, outcome } = parts;
  const { settle } = outcome;
  const config = configOption(facts);
  const asking = askingOptions(facts);
  program
    .command(
      'daemon',
      'run this node of the pair',
      (y) =>
        y
          .option('config', config)
          .option('node', { type: 'string', describe: 'which node this is; found by itself' })
          .option('real-time', {
            type: 'string',
            describe: 'priority of real-time scheduling, 1 to 99, which begins when all is loaded',
          }),
      ({ config: file, node, realTime }) =>
        settle(commands.daemon({ config: file, node, realTime })),
    )
    .command(
      'clean',
      'remove from the kernel what a daemon that does not come back has left',
      (y) => y.option('config', config).option('json', JSON_OPTION),
      (asked) => settle(commands.clean({ form: formOf(asked), config: asked.config })),
    );
  addLooks(program, parts);
  program
    .command(
      'switchover [group]',
      'give a group to the other node; on either node',
      (y) =>
        y
          .positional('group', { type: 'string', describe: 'needed where there are several' })
          .options(SWITCHOVER_OPTIONS)
          .options(asking),
      (asked) => {
        const consent = consentOf(asked);
        const successor = asked.force === true ? 'any' : 'ready';
        const { group, to, wait, at: when } = asked;
        if (when !== undefined || asked.cancel === true) {
          return settle(commands.plan({ ...toDaemon(asked), group, to, when, consent }));
        }
        return settle(
          commands.switchover({ ...toDaemon(asked), group, to, successor, consent, wait }),
        );
      },
    )
    .command(
      'failback [group]',
      'the preferred node takes a group back, with failback: manual or after; on either node',
      (y) =>
        y
          .positional('group', { type: 'string', describe: 'needed where there are several' })
          .options(asking),
      (asked) => {
        const consent = consentOf(asked);
        return settle(commands.failback({ ...toDaemon(asked), group: asked.group, consent }));
      },
    );
}

/** What only shows how the pair is. */
function addLooks(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program
    .command(
      'status',
      'what both nodes do, and why',
      (y) =>
        y
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .option('watch', { type: 'boolean', alias: 'w', describe: 'again every second' }),
      (asked) => settle(commands.status(toDaemon(asked), asked.watch === true ? 'watch' : 'once')),
    )
    .command(
      'top',
      'the pair on one screen, every second: q quits, p pauses',
      (y) =>
        y
          .option('once', { type: 'boolean', describe: 'one screen, and the end' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) =>
        settle(commands.top({ ...toDaemon(asked), mode: asked.once === true ? 'once' : 'live' })),
    )
    .command(
      'explain',
      'what would happen if a node, a proxy, a link or a check failed now',
      (y) =>
        y
          .option('details', { type: 'boolean', describe: 'each step of either node' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) => {
        const depth = asked.details === true ? 'details' : 'lines';
        return settle(commands.explain(toDaemon(asked), depth));
      },
    );
}
