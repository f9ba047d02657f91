/** The configuration that runs: on both nodes, and on the disk. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, SOCKET_OPTION, configOption, toDaemon } from './parts.js';

export function addConfigurationCommands(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program.command(
    'diff',
    'what the two nodes should have in common and have not, line by line',
    (y) => y.option('config', config).option('socket', SOCKET_OPTION).option('json', JSON_OPTION),
    (asked) => settle(commands.diff(toDaemon(asked))),
  );
}
