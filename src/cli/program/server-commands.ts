/** How the proxy's servers are to be used. */
import type { Argv } from 'yargs';
import { ADMIN_STATES } from '../../core/intents.js';
import type { Parts } from './parts.js';
import { JSON_OPTION, NEEDED, SOCKET_OPTION, configOption, toDaemon } from './parts.js';

const STORIES = {
  ready: 'use it again',
  drain: 'give it no new clients, and finish what it has',
  maint: 'give it nobody, and check it no longer',
} as const;

export function addServerCommands(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  const server = { ...NEEDED, describe: 'BACKEND/SERVER, as HAProxy calls it' } as const;
  program.command('server', "how HAProxy's servers are to be used, on both nodes", (y) => {
    y.command(
      'list',
      'all servers as HAProxy on this node has them, and as operators want them',
      (z) => z.option('config', config).option('socket', SOCKET_OPTION).option('json', JSON_OPTION),
      (asked) => settle(commands.listServers(toDaemon(asked))),
    );
    for (const state of ADMIN_STATES) {
      y.command(
        `${state} <server>`,
        STORIES[state],
        (z) =>
          z
            .positional('server', server)
            .option('config', config)
            .option('socket', SOCKET_OPTION)
            .option('json', JSON_OPTION),
        (asked) => {
          const wanted = { server: asked.server, aspect: 'admin', value: state } as const;
          return settle(commands.setServer({ ...toDaemon(asked), ...wanted }));
        },
      );
    }
    return y
      .command(
        'weight <server> <weight>',
        'give it a weight: 0 to 256, or a share of the configured one such as 50%',
        (z) =>
          z
            .positional('server', server)
            .positional('weight', { ...NEEDED, describe: '0 to 256, or 50%' })
            .option('config', config)
            .option('socket', SOCKET_OPTION)
            .option('json', JSON_OPTION),
        (asked) => {
          const wanted = { server: asked.server, aspect: 'weight', value: asked.weight } as const;
          return settle(commands.setServer({ ...toDaemon(asked), ...wanted }));
        },
      )
      .demandCommand(1, 'say what to do with a server: list, ready, drain, maint or weight');
  });
}
