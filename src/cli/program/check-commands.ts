/** What is wrong: with a configuration, with a node, with its network. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, NEEDED, SOCKET_OPTION, configOption, formOf, toDaemon } from './parts.js';

export function addChecks(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  program
    .command(
      'check <file>',
      'say everything that is wrong with a configuration file',
      (y) => y.positional('file', NEEDED).option('json', JSON_OPTION),
      (asked) => settle(commands.check(asked.file, formOf(asked))),
    )
    .command(
      'upgrade-check',
      'run with a new version beside the daemon that runs: can it take its place without moving anything?',
      (y) =>
        y
          .option('config', configOption(facts))
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) => settle(commands.upgradeCheck(toDaemon(asked))),
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
