/** What both nodes have in common while they run: HAProxy's stick tables with what they need, connections through the kernel. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, SOCKET_OPTION, configOption, formOf, toDaemon } from './parts.js';

export function addTableCommands(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program
    .command(
      'tables [name]',
      "HAProxy's stick tables on both nodes, and whether they are the same",
      (y) =>
        y
          .positional('name', { type: 'string', describe: 'this table only, with all of it' })
          .option('diff', { type: 'boolean', describe: 'ask HAProxy for every row again' })
          .option('node', { type: 'string', describe: 'what this node has, alone' })
          .option('config', config)
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) => {
        const look = asked.diff === true ? 'anew' : 'as known';
        const { name: table, node } = asked;
        return settle(commands.tables({ ...toDaemon(asked), table, node, look }));
      },
    )
    .command(
      'flows',
      'connections through the kernel on both nodes, and whether both have the same',
      (y) => y.option('config', config).option('socket', SOCKET_OPTION).option('json', JSON_OPTION),
      (asked) => settle(commands.flows(toDaemon(asked))),
    )
    .command('proxy', 'what HAProxy needs, and its reload', (y) =>
      y
        .command(
          'peers',
          'what haproxy.cfg has to say, so that its stick tables are on both nodes',
          (z) =>
            z
              .option('config', config)
              .option('node', { type: 'string', describe: 'which node this is; found by itself' })
              .option('json', JSON_OPTION),
          (asked) =>
            settle(
              commands.proxyPeers({
                config: asked.config,
                node: asked.node,
                form: formOf(asked),
              }),
            ),
        )
        .command(
          'reload',
          'HAProxy on this node reads its configuration anew, which is checked first',
          (z) =>
            z.option('config', config).option('socket', SOCKET_OPTION).option('json', JSON_OPTION),
          (asked) => settle(commands.reloadProxy(toDaemon(asked))),
        )
        .demandCommand(1, 'say what about the proxy: peers or reload'),
    );
}
