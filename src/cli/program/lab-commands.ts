/** A whole pair on one machine. */
import type { Argv } from 'yargs';
import type { PairLabAsked } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import type { Parts } from './parts.js';
import { JSON_OPTION, LAB_NAME, formOf } from './parts.js';

export function addLabCommands(program: Argv, parts: Parts): void {
  const { commands, outcome } = parts;
  const { settle } = outcome;
  program
    .command('lab', 'a whole pair on this machine, in network namespaces', (y) =>
      addFlowsShow(addDrillShow(addShows(y, parts), parts), parts)
        .command(
          'up [name]',
          'build it: a client, two nodes, two web servers',
          (z) =>
            z
              .positional('name', LAB_NAME)
              .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
              .option('ipv6', { type: 'boolean', describe: 'an IPv6 virtual address as well' })
              .option('json', JSON_OPTION),
          ({ name, adverts, ipv6, json }) => {
            const families = ipv6 === true ? 'both' : 'ipv4';
            return settle(commands.labUp({ name, adverts, families, form: formOf({ json }) }));
          },
        )
        .command(
          'down [name]',
          'remove every trace of it, also after a crash',
          (z) => z.positional('name', LAB_NAME).option('json', JSON_OPTION),
          ({ name, json }) => settle(commands.labDown({ name, form: formOf({ json }) })),
        )
        .command(
          'status [name]',
          'its nodes, as seen from outside',
          (z) => z.positional('name', LAB_NAME).option('json', JSON_OPTION),
          ({ name, json }) => settle(commands.labStatus({ name, form: formOf({ json }) })),
        )
        .command(
          'migrate',
          'a keepalived pair becomes a vipair pair, one node at a time, under load',
          (z) =>
            z
              // Here it is VRRP's version that is meant, not the program's.
              .version(false)
              .option('version', { type: 'string', default: '3', describe: 'of VRRP: 3 or 2' })
              .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
              .option('json', JSON_OPTION),
          ({ version, adverts, json }) =>
            settle(commands.labMigrate({ version, adverts, form: formOf({ json }) })),
        )
        .demandCommand(
          1,
          'say what to do with the lab: up, down, status, migrate, split-brain, intent, generation, adopt, push, servers, flows, hash, reload-storm, hitless, drills or persistence',
        ),
    )
    .command(
      'demo',
      'build a lab, rehearse every failover in it, and show what a client saw',
      (y) => y.option('json', JSON_OPTION),
      (asked) => settle(commands.demo({ form: formOf(asked) })),
    );
}

/** Labs that come and go with the command, and show something. */
function addShows(lab: Argv, parts: Parts): Argv {
  const { commands, outcome } = parts;
  const { settle } = outcome;
  return addProxyShows(addPairShows(lab, parts), parts)
    .command(
      'split-brain',
      'break every path between the nodes in turn, with vipair and with keepalived',
      (z) =>
        z
          .option('adverts', { type: 'string', default: '1s', describe: 'advert interval' })
          .option('keepalived', {
            type: 'boolean',
            default: true,
            describe: 'the same with keepalived beside it',
          })
          .option('json', JSON_OPTION),
      ({ adverts, keepalived, json }) => {
        const rival = keepalived ? 'keepalived' : 'none';
        return settle(commands.labSplitBrain({ adverts, rival, form: formOf({ json }) }));
      },
    )
    .command(
      'hitless',
      'switch over again and again under downloads, echoes, WebSockets and 1,000 new connections a second: does one break?',
      (z) =>
        z
          .option('adverts', { type: 'string', default: '100ms', describe: 'advert interval' })
          .option('rounds', { type: 'number', default: 10, describe: 'switchovers' })
          .option('keepalived', {
            type: 'boolean',
            default: true,
            describe: 'its graceful stop beside it',
          })
          .option('run', {
            choices: ['supervised', 'systemd'] as const,
            default: 'supervised' as const,
            describe: 'who runs HAProxy: the daemon, or systemd, whose HAProxy is adopted',
          })
          .option('json', JSON_OPTION),
      ({ adverts, rounds, keepalived, run, json }) => {
        const rival = keepalived ? 'keepalived' : 'none';
        const asked = { adverts, rounds, rival, proxyRun: run, form: formOf({ json }) } as const;
        return settle(commands.labHitless(asked));
      },
    );
}

/** Those of what HAProxy is asked for again and again. */
function addProxyShows(lab: Argv, { commands, outcome }: Parts): Argv {
  const { settle } = outcome;
  return lab
    .command(
      'reload-storm',
      'reload HAProxy again and again under load: does a request fail?',
      (z) =>
        z
          .option('adverts', { type: 'string', default: '100ms', describe: 'advert interval' })
          .option('reloads', { type: 'number', default: 500, describe: 'that are asked for' })
          .option('seconds', { type: 'number', default: 60, describe: 'in which they are' })
          .option('rate', { type: 'number', default: 2000, describe: 'requests a second' })
          .option('json', JSON_OPTION),
      ({ adverts, reloads, seconds, rate, json }) =>
        settle(
          commands.labReloadStorm({ adverts, reloads, seconds, rate, form: formOf({ json }) }),
        ),
    )
    .command(
      'persistence',
      'visitors are bound to servers and counted: are they still after a power loss, on either node?',
      (z) =>
        z
          .option('adverts', { type: 'string', default: '100ms', describe: 'advert interval' })
          .option('only', {
            choices: ['vipair', 'haproxy'] as const,
            describe: "who replicates; without it vipair, and HAProxy's own peers beside it",
          })
          .option('torture', {
            type: 'boolean',
            default: false,
            describe:
              'strike at random instead, round after round; vipair alone where nobody is named',
          })
          .option('rounds', { type: 'number', default: 100, describe: 'of the torture' })
          .option('seed', { type: 'number', default: 1, describe: 'of its chance' })
          .option('json', JSON_OPTION),
      ({ adverts, only, json, torture, rounds, seed }) =>
        settle(
          commands.labPersistence({
            ...{ adverts, only, form: formOf({ json }) },
            torture: torture ? { rounds, seed } : undefined,
          }),
        ),
    );
}

function addDrillShow(lab: Argv, { commands, outcome }: Parts): Argv {
  const { settle } = outcome;
  return lab.command(
    'drills',
    'the whole catalogue of drills on a pair, and whether the machine is as before',
    (z) =>
      z
        .option('adverts', { type: 'string', default: '100ms', describe: 'advert interval' })
        .option('only', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'these drills, in this order',
        })
        .option('rounds', { type: 'number', default: 3, describe: 'of the whole catalogue' })
        .option('sabotage', {
          type: 'boolean',
          describe: 'on pairs with something wrong on purpose: do the drills tell?',
        })
        .option('interrupt', {
          type: 'boolean',
          describe: 'cut short at random: is anything left behind?',
          conflicts: 'sabotage',
        })
        .option('count', { type: 'number', default: 50, describe: 'of interruptions' })
        .option('seed', { type: 'number', default: 1, describe: 'of their chance' })
        .option('html', {
          type: 'string',
          describe: 'write a page about the last round to this file',
          conflicts: ['sabotage', 'interrupt'],
        })
        .option('json', JSON_OPTION),
    ({ adverts, only, rounds, sabotage, interrupt, count, seed, html, json }) => {
      const whole = interrupt === true ? ('interrupt' as const) : ('none' as const);
      const trick = sabotage === true ? ('sabotage' as const) : whole;
      const asked = { adverts, only, rounds, trick, count, seed, html, form: formOf({ json }) };
      return settle(commands.labDrills(asked));
    },
  );
}

function addFlowsShow(lab: Argv, { commands, outcome }: Parts): Argv {
  return lab.command(
    'flows',
    'long flows through a pair that forwards them, and the master loses its power: do they go on?',
    (z) =>
      z
        .option('adverts', { type: 'string', default: '100ms', describe: 'advert interval' })
        .option('only', {
          choices: ['vipair', 'nobody', 'conntrackd', 'conntrackd-direct'] as const,
          array: true,
          default: [] as string[],
          describe: 'who replicates; without it all four',
        })
        .option('count', { type: 'number', describe: 'of flows of each protocol (200; short: 20)' })
        .option('short', {
          type: 'boolean',
          default: false,
          describe: 'IPv4 alone, without a rival, in one lab',
        })
        .option('json', JSON_OPTION),
    ({ adverts, only, count, short, json }) =>
      outcome.settle(
        commands.labFlows({
          ...{ adverts, only, form: formOf({ json }) },
          count: count ?? (short ? 20 : 200),
          extent: short ? 'short' : 'whole',
        }),
      ),
  );
}

/** Those of a whole pair, of which only the advert interval can be chosen. */
function addPairShows(lab: Argv, { commands, outcome }: Parts): Argv {
  const shows: readonly {
    readonly name: string;
    readonly about: string;
    readonly adverts: string;
    readonly run: (asked: PairLabAsked) => Promise<ExitCode>;
  }[] = [
    {
      name: 'intent',
      about:
        'drain a server, then restart, fail over and reboot: is it still drained, on both nodes?',
      adverts: '1s',
      run: (asked) => commands.labIntent(asked),
    },
    {
      name: 'generation',
      about:
        'change what both nodes must agree on, on one node and on both, and cut the channel meanwhile',
      adverts: '1s',
      run: (asked) => commands.labGeneration(asked),
    },
    {
      name: 'adopt',
      about:
        "a HAProxy that systemd runs is adopted as it is: Debian's own file, and one with TLS, SNI, a map and stick tables",
      adverts: '100ms',
      run: (asked) => commands.labAdopt(asked),
    },
    {
      name: 'push',
      about:
        'give files of HAProxy to the other node: good ones, a bad certificate, and ones that it refuses or falls with',
      adverts: '100ms',
      run: (asked) => commands.labPush(asked),
    },
    {
      name: 'servers',
      about:
        'add a server at run time and remove it, then reload, restart and fail over: do both nodes have it, and does a request fail?',
      adverts: '100ms',
      run: (asked) => commands.labServers(asked),
    },
    {
      name: 'hash',
      about:
        'a service of the kernel with ten servers: how even is it, and who moves when one of them comes or goes?',
      adverts: '100ms',
      run: (asked) => commands.labHash(asked),
    },
  ];
  return shows.reduce(
    (argv, { name, about, adverts: usual, run }) =>
      argv.command(
        name,
        about,
        (z) =>
          z
            .option('adverts', { type: 'string', default: usual, describe: 'advert interval' })
            .option('json', JSON_OPTION),
        ({ adverts, json }) => outcome.settle(run({ adverts, form: formOf({ json }) })),
      ),
    lab,
  );
}
