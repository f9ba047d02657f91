/** The shape of how failover is rehearsed. */
import { z } from 'zod';
import type { Ip } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import { DRILL_NAMES } from '../../core/drill-catalogue.js';
import type { DrillLimits } from '../../core/drill-limits.js';
import type { DrillHours } from '../../core/drill-preflight.js';
import { readAddress } from '../address-text.js';
import type { DrillsConfig } from '../config.js';
import {
  converted,
  durationBetween,
  listOf,
  mapping,
  matching,
  name,
  wholeNumber,
} from './kinds.js';

const word = matching(
  // eslint-disable-next-line no-control-regex -- an argument ends at a zero.
  /^[^\u0000]{1,1024}$/u,
  'a word of at most 1024 characters',
);
const command = listOf(word, { from: 1, to: 32, of: 'words' });
const drill = z.enum(DRILL_NAMES, { error: `a drill among ${DRILL_NAMES.join(', ')}` });
const atMost = durationBetween({ from: millis(0), to: millis(120_000) });
const some = wholeNumber('a number', { from: 0, to: 1_000_000 });

const limits: z.ZodType<Partial<DrillLimits>> = mapping({
  gap: atMost
    .optional()
    .describe('For clients: from the first failed request to the next that is answered.'),
  failed: some.optional().describe('Requests that fail.'),
  streams_broken: some.optional().describe('Long-lived streams that break.'),
  two_owners: atMost.optional().describe('How long both nodes answer for the address.'),
  no_owner: atMost.optional().describe('How long neither does.'),
  moves: some.optional().describe('How often the group moves.'),
}).transform((each) =>
  Object.fromEntries(
    Object.entries({
      gapMs: each.gap,
      failed: each.failed,
      streamsBroken: each.streams_broken,
      twoOwnersMs: each.two_owners,
      noOwnerMs: each.no_owner,
      moves: each.moves,
    }).filter(([, value]) => value !== undefined),
  ),
);

const A_TARGET = 'an address and a port, such as 10.77.0.100:443 or [fd77::100]:443';

function readTarget(text: string): Result<{ readonly host: Ip; readonly port: number }, string> {
  const [, bare, inBrackets, digits] = /^(?:([^:[\]]+)|\[([^[\]]+)\]):(\d{1,5})$/u.exec(text) ?? [];
  const host = readAddress(bare ?? inBrackets ?? '');
  const port = Number(digits ?? 0);
  return host.ok && port >= 1 && port <= 65_535 ? ok({ host: host.value, port }) : fail(A_TARGET);
}

const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const A_WINDOW = 'days and times such as "sun 02:00-05:00", "mon-fri 22:00-04:00" or "02:00-05:00"';

function readWindow(text: string): Result<DrillHours, string> {
  const matched =
    /^(?:([a-z]{3})(?:-([a-z]{3}))? )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/u.exec(
      text,
    );
  if (matched === null) {
    return fail(A_WINDOW);
  }
  const [, first, last, ...times] = matched;
  const begin = first === undefined ? 0 : DAYS.indexOf(first);
  const end = first === undefined ? DAYS.length - 1 : DAYS.indexOf(last ?? first);
  const [hour = 0, minute = 0, endHour = 0, endMinute = 0] = times.map(Number);
  const from = hour * 60 + minute;
  const to = endHour * 60 + endMinute;
  if (begin === -1 || end === -1 || from === to) {
    return fail(A_WINDOW);
  }
  const count = ((end - begin + DAYS.length) % DAYS.length) + 1;
  const days = [...Array(count).keys()].map((step) => (begin + step) % DAYS.length);
  return ok({ name: text, days, from, to });
}

const power = mapping({
  off: command.describe('The program and its words; {node} stands for the name of the node.'),
  on: command.describe('Likewise.'),
});

export const drills: z.ZodType<DrillsConfig> = mapping({
  enabled: z
    .boolean({ error: 'true or false' })
    // Who may ask for one is root on a node, and could do worse.
    .prefault(true)
    .describe('Whether this node lets drills make faults on it.'),
  prober: command
    .optional()
    .describe(
      'How `vipair probe` is started where clients are, such as [ssh, ops1, vipair, probe]. Not given: on the node where the drill is asked for, which hides much.',
    ),
  watcher: command
    .optional()
    .describe(
      'How `vipair probe --watch INTERFACE` is started on a further machine of the LAN, which sees who answers for the address. From the clients’ own machine that would keep its ARP cache fresh.',
    ),
  target: converted(readTarget, A_TARGET)
    .optional()
    .describe('What clients ask: the first address of the group at port 80, if not given.'),
  windows: listOf(converted(readWindow, A_WINDOW), { from: 0, to: 16, of: 'windows' })
    .prefault([])
    .describe(
      'When drills may begin, in local time, such as ["sun 02:00-05:00"]; always, if not given.',
    ),
  budget: mapping({
    failed: some.describe('Requests that drills may have failed.'),
    days: wholeNumber('a number of days', { from: 1, to: 366 }).describe('Within so many days.'),
  })
    .optional()
    .describe('How much drills may have cost clients before the next is refused.'),
  limits: z
    .partialRecord(z.enum(['all', ...DRILL_NAMES]), limits, {
      error: 'limits by the name of a drill, or all',
    })
    .prefault({})
    .transform((each) => new Map(Object.entries(each)))
    .describe('What a drill may cost, by its name or `all`; else what the catalogue says.'),
  suites: z
    .record(name, listOf(drill, { from: 1, to: 64, of: 'drills' }), {
      error: 'lists of drills by the name of the suite',
    })
    .prefault({})
    .transform((each) => new Map(Object.entries(each)))
    .describe('Drills that are run one after the other, by the name of the suite.'),
  power: power
    .optional()
    .describe(
      'What the other node runs to take a node’s power and to give it back, such as an ipmitool of the site; node-power-loss needs it.',
    ),
}).transform(({ prober, watcher, target, budget, power: commands, ...rest }) => ({
  ...rest,
  prober,
  watcher,
  target,
  budget,
  power: commands,
}));
