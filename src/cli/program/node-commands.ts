/** The daemon, and what operators ask of its groups. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, SOCKET_OPTION, configOption, toDaemon } from './parts.js';

export function addNodeCommands(program: Argv, { commands, facts, outcome }: Parts): void {
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
    )
    .command(
      'switchover [group]',
      'give a group to the other node; on either node',
      (y) =>
        y
          .positional('group', { type: 'string', describe: 'needed where there are several' })
          .option('to', { type: 'string', describe: 'the node that is to be master' })
          .option('force', {
            type: 'boolean',
            describe: 'although the other node says that it could not take over',
          })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION)
          .option('yes', { type: 'boolean', alias: 'y', describe: 'do not ask' }),
      (asked) => {
        const consent = asked.yes === true ? 'given' : 'asked for';
        const successor = asked.force === true ? 'any' : 'ready';
        const { group, to } = asked;
        return settle(commands.switchover({ ...toDaemon(asked), group, to, successor, consent }));
      },
    )
    .command(
      'failback [group]',
      'the preferred node takes a group back, with failback: manual or after; on either node',
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
