/** How the proxy's servers are to be used. */
import type { Argv } from 'yargs';
import { ADMIN_STATES } from '../../core/intents.js';
import { existenceValue } from '../../core/server-existence.js';
import type { Parts } from './parts.js';
import { JSON_OPTION, NEEDED, SOCKET_OPTION, configOption, toDaemon } from './parts.js';

const STORIES = {
  ready: 'use it again',
  drain: 'give it no new clients, and finish what it has',
  maint: 'give it nobody, and check it no longer',
} as const;

const SERVER = {
  ...NEEDED,
  describe: 'BACKEND/SERVER, as HAProxy calls it, or SERVICE/SERVER',
} as const;

const WAIT_OPTION = {
  type: 'string',
  describe: 'wait until it is so on both nodes, for so many seconds at the most (300)',
} as const;

export function addServerCommands(program: Argv, parts: Parts): void {
  const { commands, facts, outcome } = parts;
  const { settle } = outcome;
  const config = configOption(facts);
  const server = SERVER;
  program.command(
    'server',
    'how servers of HAProxy and of services are to be used, on both nodes',
    (y) => {
      y.command(
        'list',
        'all servers as this node has them, and as operators want them',
        (z) =>
          z.option('config', config).option('socket', SOCKET_OPTION).option('json', JSON_OPTION),
        (asked) => settle(commands.listServers(toDaemon(asked))),
      );
      for (const state of ADMIN_STATES) {
        y.command(
          `${state} <server>`,
          STORIES[state],
          (z) =>
            z
              .positional('server', server)
              .option('wait', WAIT_OPTION)
              .option('config', config)
              .option('socket', SOCKET_OPTION)
              .option('json', JSON_OPTION),
          (asked) => {
            const wanted = { server: asked.server, aspect: 'admin', value: state } as const;
            const { wait } = asked;
            return settle(commands.setServer({ ...toDaemon(asked), ...wanted, wait }));
          },
        );
      }
      return addExistenceCommands(y, parts)
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
            return settle(commands.setServer({ ...toDaemon(asked), ...wanted, wait: undefined }));
          },
        )
        .demandCommand(
          1,
          'say what to do with a server: list, add, remove, ready, drain, maint or weight',
        );
    },
  );
}

/** Servers that haproxy.cfg does not have. */
function addExistenceCommands(program: Argv, { commands, facts, outcome }: Parts): Argv {
  const { settle } = outcome;
  const config = configOption(facts);
  return program
    .command(
      'add <server> <address>',
      'add a server that haproxy.cfg does not have, and use it',
      (z) =>
        z
          .positional('server', SERVER)
          .positional('address', { ...NEEDED, describe: '10.0.0.4:80 or [2001:db8::4]:80' })
          .option('weight', { type: 'number', describe: '0 to 256' })
          .option('check', { type: 'boolean', default: false, describe: 'HAProxy checks it' })
          .option('wait', WAIT_OPTION)
          .option('with', {
            type: 'string',
            describe: "HAProxy's further keywords, such as 'inter 1s fall 2 maxconn 100'",
          })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) => {
        const definition = [
          asked.address,
          ...(asked.check ? ['check'] : []),
          ...(asked.weight === undefined ? [] : ['weight', String(asked.weight)]),
          ...(asked.with ?? '').split(/\s+/u).filter((each) => each !== ''),
        ].join(' ');
        const value = existenceValue({ kind: 'present', definition });
        const wanted = { server: asked.server, aspect: 'existence', value } as const;
        return settle(commands.setServer({ ...toDaemon(asked), ...wanted, wait: asked.wait }));
      },
    )
    .command(
      'remove <server>',
      'drain a server that was added, and delete it when its last connection is gone',
      (z) =>
        z
          .positional('server', SERVER)
          .option('wait', WAIT_OPTION)
          .option('force', {
            ...{ type: 'boolean', default: false },
            describe: 'shut its sessions instead of waiting for them',
          })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) => {
        const sessions = asked.force ? 'cut' : 'finish';
        const value = existenceValue({ kind: 'absent', sessions });
        const wanted = { server: asked.server, aspect: 'existence', value } as const;
        return settle(commands.setServer({ ...toDaemon(asked), ...wanted, wait: asked.wait }));
      },
    );
}
