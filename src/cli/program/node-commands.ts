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
