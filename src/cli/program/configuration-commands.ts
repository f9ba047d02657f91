/** The configuration: the one that runs, on both nodes and on the disk, and one that keepalived has. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import { JSON_OPTION, SOCKET_OPTION, configOption, formOf, toDaemon } from './parts.js';

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
  addPush(program, { commands, facts, outcome });
  program.command(
    'import [files..]',
    'make a configuration file out of the keepalived.conf of one node, or better of both',
    (y) =>
      y
        .positional('files', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: "one node's keepalived.conf, and the other's",
        })
        .option('node', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'NAME=FILE: what the node is called, also by -i of keepalived; twice for both',
        })
        .option('output', {
          type: 'string',
          describe: 'where the file goes; nothing may be there yet',
        })
        .option('survey', {
          type: 'string',
          describe: 'only a table of what becomes of each configuration in a directory',
        })
        .option('json', JSON_OPTION),
    (asked) =>
      settle(
        asked.survey === undefined
          ? commands.importFiles({
              files: asked.files,
              nodes: asked.node,
              output: asked.output,
              form: formOf(asked),
            })
          : commands.surveyFiles({ directory: asked.survey, form: formOf(asked) }),
      ),
  );
}

function addPush(program: Argv, { commands, facts, outcome }: Parts): void {
  program.command(
    'push',
    'give haproxy.cfg, the files that it names and vipair.yaml to the other node, checked there first, and reload HAProxy on both',
    (y) =>
      y
        .option('diff', {
          type: 'boolean',
          describe: 'only say what differs, line by line',
          conflicts: ['dry-run', 'undo'],
        })
        .option('dry-run', {
          type: 'boolean',
          describe: 'only have it checked on both nodes',
          conflicts: ['undo'],
        })
        .option('undo', {
          type: 'boolean',
          describe: 'put back what the last push to this node has replaced',
        })
        .option('to-active', {
          type: 'boolean',
          describe: 'although the other node is master',
          conflicts: ['undo'],
        })
        .option('then', {
          choices: ['wait', 'switchover'] as const,
          default: 'wait' as const,
          describe:
            'what follows between the other node and this one: wait, watching HAProxy there, or a switchover, so that the other one serves with the new files first',
        })
        .option('shared', {
          choices: ['newer', 'always', 'never'] as const,
          default: 'newer' as const,
          describe:
            'whether vipair.yaml goes along: newer, unless the one of the other node was changed later',
        })
        .option('config', configOption(facts))
        .option('socket', SOCKET_OPTION)
        .option('json', JSON_OPTION),
    (asked) => {
      const only = asked.dryRun === true ? 'dry-run' : 'push';
      const whole = asked.undo === true ? 'undo' : only;
      const mode = asked.diff === true ? 'diff' : whole;
      const to = asked.toActive === true ? 'active' : 'standby';
      const { then, shared } = asked;
      return outcome.settle(commands.push({ ...toDaemon(asked), mode, to, then, shared }));
    },
  );
}
