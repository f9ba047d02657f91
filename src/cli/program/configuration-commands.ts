/** The configuration that runs: on both nodes, and on the disk. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, SOCKET_OPTION, configOption, toDaemon } from './parts.js';

export function addConfigurationCommands(program: Argv, { commands, facts, outcome }: Parts): void {
  const { settle } = outcome;
  const config = configOption(facts);
  program.command(
    'reload',
    'read the configuration file again, and change what can be changed while the daemon runs',
    (y) =>
      y
        .option('config', config)
        .option('socket', SOCKET_OPTION)
        .option('dry-run', {
          type: 'boolean',
          describe: 'only say what it would come to, on both nodes',
        })
        .option('json', JSON_OPTION),
    (asked) =>
      settle(commands.reload(toDaemon(asked), asked.dryRun === true ? 'planned' : 'applied')),
  );
  program.command(
    'diff',
    'what the two nodes should have in common and have not, line by line',
    (y) => y.option('config', config).option('socket', SOCKET_OPTION).option('json', JSON_OPTION),
    (asked) => settle(commands.diff(toDaemon(asked))),
  );
}
