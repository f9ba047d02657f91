/** Drills on the live pair: which there are, and how they are begun and undone. */
import type { Argv } from 'yargs';
import type { Parts } from './parts.js';
import {
  askingOptions,
  configOption,
  consentOf,
  formOf,
  JSON_OPTION,
  NEEDED,
  SOCKET_OPTION,
  toDaemon,
} from './parts.js';

const RUN_OPTIONS = {
  suite: {
    type: 'string',
    describe: 'drills that the configuration lists (drills.suites), or all that can be done',
  },
  group: { type: 'string', describe: 'needed where there are several' },
  limit: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'gap=500ms, failed=0, streams-broken=0, two-owners=50ms, no-owner=1s, moves=1',
  },
  prober: {
    type: 'string',
    describe: 'how vipair probe is started where clients are, such as "ssh ops1 vipair probe"',
  },
  watcher: {
    type: 'string',
    describe:
      'how vipair probe --watch INTERFACE is started on a further machine, which sees who answers',
  },
  target: { type: 'string', describe: 'what clients ask: ADDRESS:PORT' },
  measure: { type: 'boolean', default: true, describe: 'what clients see; --no-measure: nobody' },
  really: { type: 'boolean', describe: 'also what takes a node’s power' },
  'go-on': { type: 'boolean', describe: 'with the next one, although one has failed' },
  junit: { type: 'string', describe: 'write JUnit XML to this file' },
  html: { type: 'string', describe: 'write a page to this file' },
} as const;

/** Behind `vipair drill`. */
export function addDrillRuns(y: Argv, { commands, facts, outcome }: Parts): Argv {
  const { settle } = outcome;
  return y
    .command(
      'list',
      'what drills there are',
      (z) => z.option('json', JSON_OPTION),
      (asked) => settle(commands.drillList(formOf(asked))),
    )
    .command(
      'show <name>',
      'what one does, what must happen, and how it is undone',
      (z) => z.positional('name', NEEDED).option('json', JSON_OPTION),
      (asked) => settle(commands.drillShow(asked.name, formOf(asked))),
    )
    .command(
      'run [names..]',
      'do it to the live pair, measure what clients see, undo it, and judge',
      (z) =>
        z
          .positional('names', { type: 'string', array: true, default: [] as string[] })
          .options(RUN_OPTIONS)
          .options(askingOptions(facts)),
      (asked) =>
        settle(
          commands.drillRun({
            ...toDaemon(asked),
            names: asked.names,
            suite: asked.suite,
            group: asked.group,
            limits: asked.limit,
            prober: asked.prober,
            watcher: asked.watcher,
            target: asked.target,
            measure: asked.measure ? 'clients' : 'nothing',
            consent: consentOf(asked),
            really: asked.really === true ? 'really' : 'usual',
            onFailure: asked['go-on'] === true ? 'go on' : 'stop',
            junit: asked.junit,
            html: asked.html,
          }),
        ),
    )
    .command(
      'undo',
      'undo whatever a drill has done to either node',
      (z) =>
        z
          .option('config', configOption(facts))
          .option('socket', SOCKET_OPTION)
          .option('json', JSON_OPTION),
      (asked) => settle(commands.drillUndo(toDaemon(asked))),
    );
}
